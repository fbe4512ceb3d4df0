using Weir.Log.Format;

namespace Weir.Log;

/// <summary>A frame of the present commit, as it was encoded: what is published once it is durable.</summary>
internal readonly record struct PlannedFrame(ShardIndex Shard, FrameKind Kind, long FileOffset, int PayloadBytes, long FirstIndex, int Count);

/// <summary>
/// One commit on paper: what was taken from the queue, its blocks grouped by shard, and the frames that come of it. Nothing that
/// readers see changes before <see cref="GroupCommit"/> publishes the frames, so that a refused commit leaves no trace.
/// </summary>
/// <remarks>Belongs to the commit loop, which reuses it: no allocation for a record or a block.</remarks>
internal sealed class CommitPlan(LogShards shards, ICommitScheduler scheduler)
{
    // Blocks of one shard share a frame up to this size: a reader holds a frame at a time, and a frame is what a torn write loses whole.
    private const int FrameTargetBytes = 1024 * 1024;
    private const int None = -1;

    private readonly List<PlannedBlock> _blocks = [];
    private readonly List<ShardGroup> _groups = [];
    private readonly List<ShardClose> _closes = [];

    // Blocks that are refused only because this very commit ends their shard; decided when it is settled.
    private readonly List<(AppendBatch Batch, int Block)> _behindEnd = [];

    // The commit's time, as the appenders are told.
    private DateTimeOffset _time;

    private record struct PlannedBlock(AppendBatch Batch, int Block, int Next);

    private record struct ShardGroup(ShardIndex Shard, int First, int Last, bool Ends);

    /// <summary>What was taken from the queue.</summary>
    public List<QueuedWork> Work { get; } = [];

    /// <summary>The frames, once encoded.</summary>
    public List<PlannedFrame> Frames { get; } = [];

    /// <summary>Bytes of all frames together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Groups the work by shard and refuses what goes to closed shards.</summary>
    public void Build(long timeMs)
    {
        _time = DateTimeOffset.FromUnixTimeMilliseconds(timeMs);
        foreach (var work in Work)
        {
            if (work.Batch is { } batch)
            {
                for (var i = 0; i < batch.Blocks.Length; i++)
                    AddBlock(batch, i);
            }
            else if (work.Close is { } close)
            {
                AddClose(close);
            }
        }

        Bytes = Measure();
    }

    /// <summary>Writes the frames, assigning indexes and the commit's time.</summary>
    public void Encode(CommitBuffer buffer, FrameChain chain, LogOffset synced, long timeMs)
    {
        var rest = buffer.Memory.Span;
        foreach (var group in _groups)
        {
            var next = group.Shard.NextIndex;
            for (var i = group.First; i != None;)
            {
                var (payload, count) = (0, 0);
                var first = next;
                for (var opened = i; i != None && Fits(payload, i, opened); i = _blocks[i].Next)
                {
                    ref var block = ref _blocks[i].Batch.Blocks[_blocks[i].Block];
                    _blocks[i].Batch.Bytes.Span.Slice(block.Offset, block.Length).CopyTo(rest[(RecordFrame.HeaderBytes + payload)..]);
                    (block.FirstIndex, block.Time) = (next, _time);
                    payload += block.Length;
                    count += block.Count;
                    next += block.Count;
                }

                rest = Seal(rest, chain, group.Shard, FrameKind.Records, payload, first, count, synced, timeMs);
            }

            if (group.Ends)
                rest = Seal(rest, chain, group.Shard, FrameKind.ShardEnd, 0, next, 0, synced, timeMs);
        }

        Invariant.Check(rest.IsEmpty);
    }

    /// <summary>Everything is durable and published: tells the appenders, then the waiting readers.</summary>
    public void Succeed()
    {
        foreach (var block in _blocks)
            block.Batch.Blocks[block.Block].Outcome = AppendOutcome.Appended;
        foreach (var (batch, block) in _behindEnd)
            batch.Blocks[block].Outcome = AppendOutcome.ShardClosed;
        CompleteBatches();
        foreach (var close in _closes)
            close.Done.TrySetResult(shards.StateOf(close.Shard));
        WakeReaders();
    }

    /// <summary>There was no room: nothing has changed.</summary>
    public void Refuse(StorageFullException reason)
    {
        foreach (var block in _blocks)
            block.Batch.Blocks[block.Block].Outcome = AppendOutcome.StorageFull;
        foreach (var (batch, block) in _behindEnd)
            batch.Blocks[block].Outcome = AppendOutcome.StorageFull;
        CompleteBatches();
        foreach (var close in _closes)
            close.Done.TrySetException(new StorageFullException($"the end of shard {close.Shard}", reason));
        // Retention goes on with what is sealed already, which is what makes room.
        foreach (var work in Work)
            work.Roll?.Done.TrySetResult();
    }

    /// <summary>The log has failed: it is not known what of this is on the disk, and nobody may rely on it.</summary>
    public void Fail(Func<Exception> error)
    {
        foreach (var work in Work)
        {
            work.Batch?.Fail(error());
            work.Close?.Done.TrySetException(error());
            work.Roll?.Done.TrySetException(error());
        }
    }

    public void Clear()
    {
        foreach (var group in _groups)
            group.Shard.PlanSlot = None;
        Work.Clear();
        Frames.Clear();
        _blocks.Clear();
        _groups.Clear();
        _closes.Clear();
        _behindEnd.Clear();
        Bytes = 0;
    }

    private void AddBlock(AppendBatch batch, int index)
    {
        ref var block = ref batch.Blocks[index];
        var shard = shards.GetOrAdd(block.Shard);
        if (shard.ClosedMs is not null)
        {
            block.Outcome = AppendOutcome.ShardClosed;
            return;
        }

        if (block.Count == 0)
        {
            // Nothing to write, so nothing that could be refused.
            (block.Outcome, block.FirstIndex, block.Time) = (AppendOutcome.Appended, shard.NextIndex, _time);
            return;
        }

        var slot = SlotOf(shard);
        var group = _groups[slot];
        if (group.Ends)
        {
            _behindEnd.Add((batch, index));
            return;
        }

        var at = _blocks.Count;
        _blocks.Add(new PlannedBlock(batch, index, None));
        if (group.First == None)
            group.First = at;
        else
            _blocks[group.Last] = _blocks[group.Last] with { Next = at };
        group.Last = at;
        _groups[slot] = group;
    }

    private void AddClose(ShardClose close)
    {
        _closes.Add(close);
        var shard = shards.GetOrAdd(close.Shard);
        if (shard.ClosedMs is not null)
            return;
        var slot = SlotOf(shard);
        _groups[slot] = _groups[slot] with { Ends = true };
    }

    private int SlotOf(ShardIndex shard)
    {
        if (shard.PlanSlot == None)
        {
            shard.PlanSlot = _groups.Count;
            _groups.Add(new ShardGroup(shard, None, None, Ends: false));
        }

        return shard.PlanSlot;
    }

    // Walks the blocks exactly as Encode does.
    private long Measure()
    {
        var bytes = 0L;
        foreach (var group in _groups)
        {
            for (var i = group.First; i != None;)
            {
                var payload = 0;
                for (var opened = i; i != None && Fits(payload, i, opened); i = _blocks[i].Next)
                    payload += _blocks[i].Batch.Blocks[_blocks[i].Block].Length;
                bytes += RecordFrame.FrameBytesOf(payload);
            }

            if (group.Ends)
                bytes += RecordFrame.FrameBytesOf(0);
        }

        return bytes;
    }

    // A block goes whole into one frame: the first of a frame whatever its size, the others while they fit.
    private bool Fits(int payload, int block, int opened) =>
        block == opened || payload + _blocks[block].Batch.Blocks[_blocks[block].Block].Length <= FrameTargetBytes;

    private Span<byte> Seal(
        Span<byte> rest, FrameChain chain, ShardIndex shard, FrameKind kind, int payload, long first, int count, LogOffset synced, long timeMs)
    {
        var bytes = RecordFrame.FrameBytesOf(payload);
        Frames.Add(new PlannedFrame(shard, kind, chain.FileOffset, payload, first, count));
        chain.Seal(rest[..bytes], kind, payload, shard.Shard, count, first, timeMs, synced);
        return rest[bytes..];
    }

    // One fence for the whole commit. A shard with several frames is woken once: who comes back to wait has seen all of them.
    private void WakeReaders()
    {
        Interlocked.MemoryBarrier();
        foreach (var frame in Frames)
            frame.Shard.Wake();
    }

    private void CompleteBatches() => CompletedAppends.Complete(Work, scheduler);
}
