namespace Weir.Log.Integrity;

/// <summary>A segment of a log as it lies on the disk.</summary>
/// <param name="File">Path of its file.</param>
/// <param name="BaseOffset">Where it begins in its log, in bytes over all segments.</param>
/// <param name="IsSealed">False for the segment that the log writes into.</param>
/// <param name="FileBytes">Length of the file.</param>
/// <param name="FramesEnd">Where the frames end in the file: behind it lie the index of a sealed segment, or the room that an active one has reserved.</param>
/// <param name="Frames">Number of frames with records.</param>
/// <param name="Records">Number of records.</param>
/// <param name="FirstTime">Time of the first record; null when there is none.</param>
/// <param name="LastTime">Time of the last record; null when there is none.</param>
public sealed record SegmentFacts(
    string File,
    long BaseOffset,
    bool IsSealed,
    long FileBytes,
    long FramesEnd,
    long Frames,
    long Records,
    DateTimeOffset? FirstTime,
    DateTimeOffset? LastTime)
{
    /// <summary>Room reserved ahead of the writes, which holds nothing yet.</summary>
    public long ReservedBytes => IsSealed ? 0 : FileBytes - FramesEnd;
}

/// <summary>A shard as its log has it.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="FirstIndex">Index of the oldest record that is stored; equal to <paramref name="NextIndex"/> when none is.</param>
/// <param name="NextIndex">One past the last record that ever was.</param>
/// <param name="ClosedAt">When the shard ended; null while it is open.</param>
/// <param name="FirstTime">Time of the oldest stored record.</param>
/// <param name="LastTime">Time of the newest stored record.</param>
public sealed record ShardFacts(
    int Shard, long FirstIndex, long NextIndex, DateTimeOffset? ClosedAt, DateTimeOffset? FirstTime, DateTimeOffset? LastTime);

/// <summary>A log as it lies on the disk, and what a check of it found.</summary>
/// <param name="Id">The log.</param>
/// <param name="Segments">Its segments, oldest first.</param>
/// <param name="Shards">Its shards that ever had a record or ended, in order of number.</param>
/// <param name="Findings">In order of segment and place; empty when nothing was checked, or all is well.</param>
public sealed record LogFacts(
    LogId Id, IReadOnlyList<SegmentFacts> Segments, IReadOnlyList<ShardFacts> Shards, IReadOnlyList<LogFinding> Findings);
