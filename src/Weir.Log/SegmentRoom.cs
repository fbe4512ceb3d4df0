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

    private long _reserved = reserved;
    private long _step = FirstStepBytes;

    /// <summary>Sees that the file reaches up to here.</summary>
    /// <exception cref="StorageFullException">Not even the exact number of bytes is free.</exception>
    public void Ensure(long end)
    {
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

    /// <summary>Cuts what is not used.</summary>
    public void GiveBack(long end)
    {
        if (file.Length > end)
            file.Truncate(end);
        context.AddStored(end - _reserved);
        _reserved = end;
    }

    private void Reserve(long length)
    {
        file.Allocate(length);
        context.AddStored(length - _reserved);
        _reserved = length;
    }
}
