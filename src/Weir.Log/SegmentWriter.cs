// Failure policy of this file. "No room" (StorageFullException) comes out of every method with the log as it was: the same call may
// succeed later. Any other exception leaves it unknown what is on the disk; the caller latches the log and never calls again.
using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>The end of a log: writes into the active segment, reserves room ahead, and rolls to the next segment.</summary>
/// <remarks>Belongs to the commit loop.</remarks>
internal sealed class SegmentWriter(LogContext context, DurableWatermark watermark)
{
    // Null between the two halves of a roll, when the disk was full for the second one.
    private ActiveSegment? _active;

    // Where the next segment begins; meaningful while there is no active one.
    private LogOffset _nextBase;

    // Sealed, with no successor yet. Until there is one it alone tells the shards' states, so retention may not have it.
    private Segment? _withoutSuccessor;

    // The creation of the next segment found no room; a file of its name may be there, of which nothing counts.
    private bool _leftover;

    // Bytes that are made durable at once gain nothing from the page cache. Those that are not are written back by the system when it likes.
    private bool WritesBlocks => context.Options.Durability.IsFsync;

    /// <summary>Time of the last frame; the next commit is not before it.</summary>
    public long LastTimeMs { get; private set; }

    /// <summary>End of what was written in the active segment.</summary>
    public LogOffset End => _active is { } active ? active.Chain.End : _nextBase;

    /// <summary>For recovery: goes on in the segment where the log ended.</summary>
    public void Resume(ActiveSegment active, long lastTimeMs)
    {
        (_active, LastTimeMs) = (active, lastTimeMs);
        if (WritesBlocks)
            active.LoadLastBlock();
    }

    /// <summary>For recovery: the log ended with a sealed segment, or is new. The next segment begins here, at once.</summary>
    public void Begin(LogOffset baseOffset, long lastTimeMs)
    {
        (_nextBase, LastTimeMs) = (baseOffset, lastTimeMs);
        BeginSegment();
    }

    /// <summary>Sees that a commit of this size can be written without asking the file system for anything more.</summary>
    /// <returns>The chain to encode the commit against.</returns>
    public FrameChain MakeRoom(long bytes, long timeMs)
    {
        if (_active is { HasFrames: true } full
            && (full.Chain.FileOffset + bytes > context.Options.SegmentBytes || timeMs - full.FirstTimeMs > IndexEntry.MaxSpanMs))
            Seal(full);
        if (_active is null)
            BeginSegment();
        _active!.Room.Ensure(_active.Chain.FileOffset + bytes);
        return _active.Chain.Copy();
    }

    /// <summary>Memory for a commit at the end of the active segment.</summary>
    public CommitBuffer RentBuffer(long bytes) => CommitBuffer.Rent(End, checked((int)bytes), WritesBlocks ? _active!.LastBlock : []);

    /// <summary>Writes a commit at the end of the active segment. Not durable yet, and not visible.</summary>
    public void Write(CommitBuffer buffer)
    {
        var active = _active!;
        Invariant.Check(buffer.Start == active.Chain.End);
        var offset = active.Chain.FileOffset;
        if (!WritesBlocks)
        {
            active.File.Write(buffer.Memory.Span, offset);
            return;
        }

        active.File.WriteBlocks(buffer.Blocks, LogBlock.Floor(offset));
        active.Room.FillAhead(LogBlock.Floor(offset) + buffer.Blocks.Length, buffer.Blocks.Length);
    }

    /// <summary>Makes everything written durable.</summary>
    public void Sync(LogOffset end)
    {
        Sync(_active!.File.SyncData);
        watermark.Sync(end);
    }

    /// <summary>The commit counts: enters its frames into the index, where readers see them.</summary>
    public void Publish(List<PlannedFrame> frames, FrameChain chain, CommitBuffer buffer, long timeMs)
    {
        var active = _active!;
        foreach (var frame in frames)
        {
            if (frame.Kind == FrameKind.ShardEnd)
                active.Index.AddEnd(frame.Shard, timeMs);
            else
                active.Index.AddRecords(frame.Shard, frame.FileOffset, frame.PayloadBytes, frame.FirstIndex, frame.Count, timeMs);
        }

        active.Advance(chain, WritesBlocks ? buffer.LastBlock : [], timeMs);
        LastTimeMs = timeMs;
        watermark.Acknowledge(chain.End);
    }

    /// <summary>Rolls when the active segment holds frames and all of them are older than the horizon.</summary>
    public void RollIfExpired(long horizonMs)
    {
        if (_active is not { HasFrames: true } active || LastTimeMs >= horizonMs)
            return;
        Seal(active);
        BeginSegment();
    }

    /// <summary>Ends writing: everything durable, the reserved room given back.</summary>
    public void Close()
    {
        if (_active is not { } active)
            return;
        if (watermark.HasUnsynced)
            Sync(active.Chain.End);
        if (!active.EndsInCheckpoint)
            WriteCheckpoint(active);
        active.Room.GiveBack(active.Chain.FileOffset);
        Sync(active.File.SyncAll);
        watermark.Sync(active.Chain.End);
    }

    /// <summary>Lets go of the file, whatever state it is in.</summary>
    public void Release()
    {
        if (_withoutSuccessor is not null)
            context.Forget(_withoutSuccessor);
        if (_active is not { } active)
            return;
        _active = null;
        active.Segment.Release();
        context.Forget(active.Segment);
    }

    // Without it nothing states that the very last commit had been durable, and damage to it would look like a torn tail.
    private void WriteCheckpoint(ActiveSegment active)
    {
        var chain = active.Chain.Copy();
        var frame = new byte[RecordFrame.HeaderBytes];
        chain.Seal(frame, FrameKind.Checkpoint, payloadBytes: 0, shard: 0, count: 0, firstIndex: 0, LastTimeMs, watermark.Synced);
        try
        {
            active.Room.Ensure(chain.FileOffset);
            active.File.Write(frame, active.Chain.FileOffset);
            active.AdvanceCheckpoint(chain);
        }
        catch (StorageFullException)
        {
            // Only the proof is missing then, and no record: the log closes without it.
        }
    }

    // The frames are durable before the footer is written: a footer that survives a crash vouches for them.
    private void Seal(ActiveSegment active)
    {
        var framesEnd = active.Chain.FileOffset;
        if (watermark.HasUnsynced)
            Sync(active.Chain.End);
        var (rented, bytes) = active.Index.EncodeFooter(framesEnd, LastTimeMs, active.Chain.PreviousCrc, out var summaries);
        try
        {
            active.Room.Ensure(framesEnd + bytes);
            active.File.Write(rented.AsSpan(0, bytes), framesEnd);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        active.Room.GiveBack(framesEnd + bytes);
        Sync(active.File.SyncAll);
        active.Segment.LastTimeMs = LastTimeMs;
        active.Segment.StoredBytes = framesEnd + bytes;
        active.Index.Seal(summaries);
        _withoutSuccessor = active.Segment;
        _nextBase = active.Chain.End;
        _active = null;
        active.Segment.Release();
    }

    private void BeginSegment()
    {
        var segment = context.NewSegment(_nextBase);
        if (_leftover && context.Directory.ListFiles().Contains(segment.Name))
            context.Directory.Delete(segment.Name);
        _leftover = true;
        var file = context.Directory.Create(segment.Name);
        var chain = new FrameChain(_nextBase, segment.Seed);
        var (rented, bytes) = EncodeStart(segment, chain);
        try
        {
            file.Allocate(bytes);
            file.Write(rented.AsSpan(0, bytes), 0);
            Sync(file.SyncAll);
            context.Directory.Sync();
            segment.LeaseNew(file);
            _active = new ActiveSegment(segment, file, new SegmentRoom(file, bytes, context), chain, new SegmentIndex(segment));
            _active.KeepLastBlock(rented.AsSpan(0, bytes));
            _leftover = false;
            context.AddStored(bytes);
            watermark.Sync(chain.End);
            if (_withoutSuccessor is not null)
                context.Segments.Add(_withoutSuccessor);
            _withoutSuccessor = null;
        }
        catch
        {
            file.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // The header and the shard table, in an array that the caller returns.
    private (byte[] Rented, int Bytes) EncodeStart(Segment segment, FrameChain chain)
    {
        var table = context.Shards.All.Select(shard => shard.TableEntry).Where(entry => entry != new ShardTableEntry(entry.Shard, 1, null))
            .OrderBy(entry => entry.Shard).ToArray();
        var payload = table.Length * ShardTableEntry.Bytes;
        var bytes = SegmentHeader.Bytes + RecordFrame.FrameBytesOf(payload);
        var rented = ArrayPool<byte>.Shared.Rent(bytes);
        var start = rented.AsSpan(0, bytes);
        new SegmentHeader(context.Log, segment.BaseOffset, context.NowMs).Write(start);
        var frame = start[SegmentHeader.Bytes..];
        for (var i = 0; i < table.Length; i++)
            table[i].Write(frame[(RecordFrame.HeaderBytes + (i * ShardTableEntry.Bytes))..]);
        chain.Seal(frame, FrameKind.ShardTable, payload, shard: 0, table.Length, firstIndex: 0, LastTimeMs, watermark.Synced);
        return (rented, bytes);
    }

    // "No room" from an fsync is not a refusal: the bytes had been taken, and may be gone now. It must not look like one.
    private static void Sync(Action sync)
    {
        try
        {
            sync();
        }
        catch (StorageFullException e)
        {
            throw new IOException("There was no room left to make written bytes durable.", e);
        }
    }
}
