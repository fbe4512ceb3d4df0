using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Weir.Server.Http;

/// <summary>The buffers of connections, in blocks of 16 KiB where Kestrel's own are of 4: a quarter of the system calls for a large body.</summary>
/// <remarks>
/// Thread-safe. A connection that waits for a request holds no block, since the socket is asked for its bytes only when it has some; one that
/// sends a head or a body holds what has come, as long as nobody has read it. So the worst that connections can do with their blocks, all of
/// them sending a first byte and no more, is four times what it is with Kestrel's, and less than what unread bodies may take in any case.
/// </remarks>
internal sealed class ConnectionMemory : MemoryPool<byte>
{
    /// <summary>The size of a block.</summary>
    public const int BlockBytes = 16 * 1024;

    // 4 MiB: the blocks of the requests that a busy server reads at once. What a burst takes beyond them is left to the collector.
    private const int MaxIdleBlocks = 256;

    private readonly ConcurrentQueue<Block> _idle = new();
    private int _idleCount;

    /// <inheritdoc />
    public override int MaxBufferSize => BlockBytes;

    /// <summary>Takes a block. It is whoever's who takes it, until its disposal; a second disposal does nothing.</summary>
    /// <param name="minBufferSize">At most <see cref="BlockBytes"/>; -1 for no matter how much.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no blocks of that size.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (!_idle.TryDequeue(out var block))
            return new Block(this);
        Interlocked.Decrement(ref _idleCount);
        block.Take();
        return block;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => _idle.Clear();

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _idleCount) <= MaxIdleBlocks)
            _idle.Enqueue(block);
        else
            Interlocked.Decrement(ref _idleCount);
    }

    /// <summary>Makes a pool for each of Kestrel's queues of I/O.</summary>
    public sealed class Factory : IMemoryPoolFactory<byte>
    {
        /// <inheritdoc />
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new ConnectionMemory();
    }

    // Pinned where it is made, so that the kernel reads into it without a pin for each call.
    private sealed class Block(ConnectionMemory pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
        private bool _isTaken = true;

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes, 0, BlockBytes);

        public void Take() => Volatile.Write(ref _isTaken, true);

        public void Dispose()
        {
            // A block given back twice would be two connections' at once.
            if (Interlocked.Exchange(ref _isTaken, false))
                pool.Return(this);
        }
    }
}
