using System.Collections.Concurrent;
using System.Diagnostics;
using Weir.Model;
using Weir.Streams.Encryption;

namespace Weir.Streams;

/// <summary>What became of one record of a put.</summary>
public enum PutStatus : byte
{
    /// <summary>Not decided yet.</summary>
    Pending = 0,

    /// <summary>Durable; shard and sequence number are set.</summary>
    Accepted,

    /// <summary>The shard's rate is used up.</summary>
    Throttled,

    /// <summary>The server holds as many unwritten bytes as it may. The client slows down as for a throttle.</summary>
    Overloaded,

    /// <summary>The disk is full.</summary>
    StorageFull,

    /// <summary>The log failed, or a reshard did not finish in time. Whether the record is there is not known to be false.</summary>
    Failed,

    /// <summary>The stream takes no records (any more).</summary>
    StreamGone,

    /// <summary>The stream's key cannot be used; <see cref="PutOutcomes.KeyState"/> says why.</summary>
    KeyRefused,
}

/// <summary>Outcome of one record of a put.</summary>
public struct PutOutcome
{
    /// <summary>What became of it.</summary>
    public PutStatus Status;

    /// <summary>The shard that it belongs to; null when none was found.</summary>
    public Shard? Shard;

    /// <summary>Its number when accepted.</summary>
    public SequenceNumber SequenceNumber;
}

/// <summary>The outcomes of one put, and the scratch space that sorts its records by shard. Rent one a put, dispose it after the answer.</summary>
/// <remarks>Not thread-safe. Allocates nothing once it has grown to the usual size of a put.</remarks>
public sealed class PutOutcomes : IDisposable
{
    // As many as requests wait for one commit over hundreds of connections; of those of large puts fewer, as they take kilobytes.
    private const int MaxPooled = 512;
    private const int MaxPooledLarge = 128;
    private const int SmallCount = 16;

    // A power of two above twice the records of the largest put, so that probing stays short.
    private const int SlotCount = 1024;

    private static readonly ConcurrentQueue<PutOutcomes> Pool = new();
    private static int _pooled;

    private readonly int[] _slots = new int[SlotCount];
    private PutOutcome[] _outcomes = new PutOutcome[1];
    private int[] _next = new int[1];
    private Group[] _groups = new Group[4];
    private int _groupCount;
    private int _count;

    /// <summary>Takes outcomes for so many records, all pending.</summary>
    /// <param name="count">1 to <see cref="KinesisLimits.MaxPutRecordsEntries"/>.</param>
    public static PutOutcomes Rent(int count)
    {
        Debug.Assert(count is > 0 and <= KinesisLimits.MaxPutRecordsEntries);
        if (Pool.TryDequeue(out var outcomes))
            Interlocked.Decrement(ref _pooled);
        else
            outcomes = new PutOutcomes();
        if (outcomes._outcomes.Length < count)
        {
            outcomes._outcomes = new PutOutcome[count];
            outcomes._next = new int[count];
        }

        outcomes._count = count;
        (outcomes.Encrypted, outcomes.KeyState) = (false, KeyState.Usable);
        outcomes._outcomes.AsSpan(0, count).Clear();
        return outcomes;
    }

    /// <summary>Whether the accepted records are stored encrypted.</summary>
    public bool Encrypted { get; internal set; }

    /// <summary>Why the records with <see cref="PutStatus.KeyRefused"/> were refused.</summary>
    public KeyState KeyState { get; internal set; }

    /// <summary>One outcome a record, in the order of the put.</summary>
    public Span<PutOutcome> All => _outcomes.AsSpan(0, _count);

    /// <summary>The groups of the present round, one a shard.</summary>
    internal Span<Group> Groups => _groups.AsSpan(0, _groupCount);

    /// <summary>The record after this one in its group, or -1.</summary>
    internal int NextInGroup(int record) => _next[record];

    /// <summary>Forgets the groups of the last round.</summary>
    internal void ClearGroups()
    {
        foreach (ref var group in Groups)
            _slots[group.Slot] = 0;
        _groupCount = 0;
    }

    /// <summary>Puts a record at the end of its shard's group.</summary>
    internal void AddToGroup(int record, Shard shard, int encodedBytes)
    {
        ref var group = ref GroupOf(shard);
        if (group.Count == 0)
            group.First = record;
        else
            _next[group.Last] = record;
        group.Last = record;
        group.Count++;
        group.Bytes += encodedBytes;
        _next[record] = -1;
        _outcomes[record].Shard = shard;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ClearGroups();
        _groups.AsSpan().Clear();
        _outcomes.AsSpan(0, _count).Clear();
        _count = 0;
        if (Interlocked.Increment(ref _pooled) <= (_outcomes.Length <= SmallCount ? MaxPooled : MaxPooledLarge))
            Pool.Enqueue(this);
        else
            Interlocked.Decrement(ref _pooled);
    }

    private ref Group GroupOf(Shard shard)
    {
        var slot = (shard.Id.Number * 0x61C88647) & (SlotCount - 1);
        while (_slots[slot] != 0)
        {
            ref var group = ref _groups[_slots[slot] - 1];
            if (group.Shard.Id == shard.Id)
                return ref group;
            slot = (slot + 1) & (SlotCount - 1);
        }

        if (_groupCount == _groups.Length)
            Array.Resize(ref _groups, _groups.Length * 2);
        _groups[_groupCount] = new Group { Shard = shard, Slot = slot };
        _slots[slot] = ++_groupCount;
        return ref _groups[_groupCount - 1];
    }

    /// <summary>The records of a put that go to one shard, as a linked list in the order of the put.</summary>
    internal struct Group
    {
        public Shard Shard;
        public int Slot;
        public int First;
        public int Last;
        public int Count;
        public int Bytes;
    }
}
