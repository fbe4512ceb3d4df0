using Microsoft.Extensions.Logging;

namespace Weir.Log;

/// <summary>What the log tells operators. Event ids 1000 to 1999 are this project's.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(1000, LogLevel.Debug, "Log {Log} opened: {Segments} segments, {Shards} shards, {StoredBytes} bytes.")]
    public static partial void Opened(ILogger logger, LogId log, int segments, int shards, long storedBytes);

    [LoggerMessage(1001, LogLevel.Warning,
        "{File}: cut {CutBytes} bytes of a torn tail at offset {Offset} ({Found}). None of them had been acknowledged as fsynced.")]
    public static partial void TornTailCut(ILogger logger, string file, long cutBytes, long offset, string found);

    [LoggerMessage(1002, LogLevel.Warning, "{File}: removed, it was being created when the server stopped.")]
    public static partial void TornSegmentRemoved(ILogger logger, string file);

    [LoggerMessage(1003, LogLevel.Warning, "{File}: the footer is missing or damaged; the index was rebuilt from the frames, which are whole.")]
    public static partial void FooterRebuilt(ILogger logger, string file);

    [LoggerMessage(1004, LogLevel.Error, "Log {Log} failed and takes no appends until it is reopened; readers go on. Remove the cause, then restart the server.")]
    public static partial void Failed(ILogger logger, LogId log, Exception cause);

    [LoggerMessage(1005, LogLevel.Warning, "Log {Log} refuses appends for now; reads go on and nothing needs a restart. {Reason}")]
    public static partial void StorageFull(ILogger logger, LogId log, string reason);

    [LoggerMessage(1007, LogLevel.Information, "Log {Log} takes appends again: there is room.")]
    public static partial void StorageFree(ILogger logger, LogId log);

    [LoggerMessage(1006, LogLevel.Debug, "Log {Log}: trimmed {Segments} segments, {Bytes} bytes.")]
    public static partial void Trimmed(ILogger logger, LogId log, int segments, long bytes);

    [LoggerMessage(1008, LogLevel.Error,
        "{File} is damaged at offset {Offset}: expected {Expected}, found {Found}. {Meaning} {Records} `weir data verify` says more. {Advice}")]
    public static partial void SegmentDamaged(
        ILogger logger, string file, long offset, string expected, string found, string meaning, string records, string advice);

    [LoggerMessage(1009, LogLevel.Information, "{File} was damaged when it was last checked, and is whole now.")]
    public static partial void SegmentWhole(ILogger logger, string file);

    [LoggerMessage(1010, LogLevel.Warning, "{File} could not be checked; it is tried again in the next round.")]
    public static partial void SegmentNotChecked(ILogger logger, string file, Exception cause);

    [LoggerMessage(1011, LogLevel.Error,
        "{File} is gone: it was deleted behind the server's back. Its records cannot be read, and the next start is refused. Put it back from a backup.")]
    public static partial void SealedSegmentGone(ILogger logger, string file);

    [LoggerMessage(1012, LogLevel.Warning,
        "The room of what was trimmed or deleted could not be given back; it is tried again, and nothing else waits for it. What is left is in the directory `discarded` beside the logs.")]
    public static partial void ReleaseFailed(ILogger logger, Exception cause);

    [LoggerMessage(1013, LogLevel.Information, "The room of what was trimmed or deleted is given back again.")]
    public static partial void ReleaseGoesOn(ILogger logger);
}
