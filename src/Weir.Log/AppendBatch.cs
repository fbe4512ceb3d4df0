using System.Buffers.Binary;
using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Weir.Model;

namespace Weir.Log;

/// <summary>What became of one block of an append.</summary>
public enum AppendOutcome
{
    /// <summary>Not decided yet.</summary>
    Pending = 0,

    /// <summary>Durable; the block has its indexes and time.</summary>
    Appended,

    /// <summary>The shard has ended; its children take the records.</summary>
    ShardClosed,

    /// <summary>The log's queue holds as many bytes as it may. Nothing was written.</summary>
    QueueFull,

    /// <summary>The disk (or the memory allowance) is full. Nothing was written; a later append may succeed.</summary>
    StorageFull,
}

/// <summary>The records of one append that go to one shard, in order.</summary>
public struct AppendBlock
{
    /// <summary>The shard.</summary>
    public int Shard;

    /// <summary>Number of records.</summary>
    public int Count;

    /// <summary>Where the block's bytes start in <see cref="AppendBatch.Bytes"/>.</summary>
    public int Offset;

    /// <summary>Length of the block's bytes.</summary>
    public int Length;

    /// <summary>Written by the log before the append completes.</summary>
    public AppendOutcome Outcome;

    /// <summary>Index of the block's first record when appended; the others follow without a gap.</summary>
    public long FirstIndex;

    /// <summary>Time of all records of the block when appended.</summary>
    public DateTimeOffset Time;
}

/// <summary>
/// One append: records copied once, from the request into this pooled buffer, grouped by shard. Rent, fill block by block,
/// hand to <see cref="IRecordLog.AppendAsync"/>, read the outcomes, dispose.
/// </summary>
/// <remarks>
/// Not thread-safe. Also the awaitable of the append itself, so that an append allocates nothing:
/// <code>
///   block 0 (shard 3)                         block 1 (shard 7)
///   [length|record][length|record][length|..] [length|record] ...
/// </code>
/// </remarks>
public sealed class AppendBatch : IDisposable, IValueTaskSource
{
    private static readonly System.Collections.Concurrent.ConcurrentQueue<AppendBatch> Pool = new();

    // More idle batches than this are left to the garbage collector.
    private const int MaxPooled = 512;

    // Of those of many shards fewer, as they take kilobytes.
    private const int MaxPooledLarge = 256;
    private const int SmallCount = 16;
    private static int _pooled;

    private ManualResetValueTaskSourceCore<bool> _completion = new() { RunContinuationsAsynchronously = true };
    private AppendBlock[] _blocks = new AppendBlock[4];
    private byte[]? _buffer;
    private int _length;
    private int _blockCount;

    private AppendBatch()
    {
    }

    /// <summary>The blocks, in the order in which they were begun.</summary>
    public Span<AppendBlock> Blocks => _blocks.AsSpan(0, _blockCount);

    /// <summary>All blocks' bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>
    /// Whether who awaits the append goes on right where it was committed, which saves waking another thread: only for what takes microseconds
    /// then, and blocks for nothing. The log may still let it go on elsewhere.
    /// </summary>
    /// <value>Default false.</value>
    public bool AnsweredInPlace { get; set; }

    /// <summary>Takes an empty batch with room for <paramref name="capacityBytes"/>, which counts <see cref="RecordPrefixBytes"/> for each record.</summary>
    public static AppendBatch Rent(int capacityBytes)
    {
        if (Pool.TryDequeue(out var batch))
            Interlocked.Decrement(ref _pooled);
        else
            batch = new AppendBatch();
        batch._buffer = BufferPool.Shared.Rent(Math.Max(capacityBytes, 1));
        return batch;
    }

    /// <summary>Bytes that each record takes beside its own.</summary>
    public const int RecordPrefixBytes = sizeof(int);

    /// <summary>Begins the block of a shard; following records belong to it.</summary>
    public void BeginBlock(int shard)
    {
        if (_blockCount == _blocks.Length)
            Array.Resize(ref _blocks, _blocks.Length * 2);
        _blocks[_blockCount++] = new AppendBlock { Shard = shard, Offset = _length };
    }

    /// <summary>Adds a record to the present block.</summary>
    /// <returns>Where the caller writes exactly <paramref name="length"/> bytes; lent until the next call.</returns>
    public Span<byte> AddRecord(int length)
    {
        Debug.Assert(_blockCount > 0 && _buffer is not null && _length + RecordPrefixBytes + length <= _buffer.Length);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_length), length);
        var record = _buffer.AsSpan(_length + RecordPrefixBytes, length);
        _length += RecordPrefixBytes + length;
        ref var block = ref _blocks[_blockCount - 1];
        block.Count++;
        block.Length = _length - block.Offset;
        return record;
    }

    /// <summary>For log implementations: the task that <see cref="Complete"/> or <see cref="Fail"/> ends. Once per rent.</summary>
    public ValueTask AsTask() => new(this, _completion.Version);

    /// <summary>For log implementations: all outcomes are written; the caller goes on, on another thread.</summary>
    public void Complete() => _completion.SetResult(true);

    /// <summary>As <see cref="Complete"/>, but the caller goes on before this returns.</summary>
    internal void CompleteHere()
    {
        _completion.RunContinuationsAsynchronously = false;
        _completion.SetResult(true);
    }

    /// <summary>For log implementations: ends the append with an exception.</summary>
    public void Fail(Exception exception) => _completion.SetException(exception);

    /// <summary>Gives the buffer and the batch back. Only after the append completed, or when it never began.</summary>
    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is null)
            return;
        BufferPool.Shared.Return(buffer);
        _length = 0;
        _blockCount = 0;
        AnsweredInPlace = false;
        _completion.Reset();
        _completion.RunContinuationsAsynchronously = true;
        if (Interlocked.Increment(ref _pooled) <= (_blocks.Length <= SmallCount ? MaxPooled : MaxPooledLarge))
            Pool.Enqueue(this);
        else
            Interlocked.Decrement(ref _pooled);
    }

    void IValueTaskSource.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
