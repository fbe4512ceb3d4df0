using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// Reserves the active segment's room ahead of the writes. So an append changes no size that fsync would have to write as well,
/// and a full disk shows before anything of a commit is written, which makes it a refusal and not a failure.
/// </summary>
/// <remarks>Belongs to the commit loop.</remarks>
internal sealed class SegmentRoom(ILogFile file, long reserved, LogContext context)
{
    // 256 KiB: 1,000 streams that each saw one record hold 256 MB and not 8 GB. Doubled each time, as a busy segment will be filled anyway.
    private const long FirstStepBytes = 256 * 1024;

    // 8 MiB: one reservation for about 20 ms of writing at full speed.
    private const long MaxStepBytes = 8 * 1024 * 1024;

    // 16 KiB: what a stream with a few records is worth. Doubled each time, up to 1 MiB, which costs less than a millisecond once in a hundred commits.
    private const int FirstFillBytes = 16 * 1024;
    private const int MaxFillBytes = 1024 * 1024;

    // A larger commit pays for the file system's bookkeeping by itself; filling before it would be writing everything twice.
    private const int MaxFilledCommitBytes = 64 * 1024;

    private static readonly BlockMemory Zeros = MakeZeros();

    private long _reserved = reserved;
    private long _step = FirstStepBytes;

    // Everything below has been written, by records or by zeros.
    private long _filled;
    private int _fillStep = FirstFillBytes;

    /// <summary>Sees that the file reaches up to here.</summary>
    /// <exception cref="StorageFullException">Not even the exact number of bytes is free.</exception>
    public void Ensure(long end)
    {
        end = LogBlock.Ceiling(end);
        if (end <= _reserved)
            return;
        var ahead = Math.Max(end, Math.Min(_reserved + _step, context.Options.SegmentBytes));
        try
        {
            Reserve(ahead);
            _step = Math.Min(_step * 2, MaxStepBytes);
        }
        catch (StorageFullException) when (ahead > end)
        {
            // The last bytes of the disk are for records, not for room ahead of them.
            Reserve(end);
        }
    }

    /// <summary>
    /// Fills the room behind a small commit with zeros, for the commits to come. The first write to reserved room makes the file system note, in
    /// its journal and before the fsync returns, that there is something now; a write over zeros does not, and its fsync takes half the time.
    /// </summary>
    /// <param name="end">Where the commit's blocks end. They are written, and not synced.</param>
    /// <param name="commitBytes">How much it was.</param>
    public void FillAhead(long end, int commitBytes)
    {
        if (end <= _filled)
            return;
        _filled = end;
        var bytes = (int)Math.Min(_fillStep, LogBlock.Floor(_reserved) - end);
        if (commitBytes > MaxFilledCommitBytes || bytes <= 0)
            return;
        file.WriteBlocks(Zeros.Memory.Span[..bytes], end);
        _filled = end + bytes;
        _fillStep = Math.Min(_fillStep * 2, MaxFillBytes);
    }

    /// <summary>Cuts what is not used.</summary>
    public void GiveBack(long end)
    {
        if (file.Length > end)
            file.Truncate(end);
        _filled = Math.Min(_filled, end);
        context.AddStored(end - _reserved);
        _reserved = end;
    }

    private static BlockMemory MakeZeros()
    {
        var zeros = BlockMemory.Rent(MaxFillBytes);
        zeros.Memory.Span.Clear();
        return zeros;
    }

    private void Reserve(long length)
    {
        file.Allocate(length);
        context.Room.IsShort = false;
        context.AddStored(length - _reserved);
        _reserved = length;
    }
}
