namespace Weir.Log.Integrity;

/// <summary>
/// Up to where a log may be copied: what its owner knew of the shards when the copy began. The first frame of a shard that the owner did not know,
/// or that ends a shard which the owner took for open, was written later, and so was everything behind it.
/// </summary>
/// <param name="Knows">Whether a shard existed.</param>
/// <param name="KnowsEndOf">Whether a shard had ended, or was about to.</param>
public sealed record CopyBoundary(Func<int, bool> Knows, Func<int, bool> KnowsEndOf);

/// <summary>What became of a copy.</summary>
public enum LogCopyOutcome
{
    /// <summary>The log is copied up to its end, or up to the boundary.</summary>
    Copied,

    /// <summary>Files disappeared otherwise than by retention: the log is being deleted.</summary>
    Vanished,

    /// <summary>What the owner knew is older than everything that the log still has: too much happened between the two.</summary>
    MovedOn,
}

/// <summary>A copy of a log.</summary>
/// <param name="Outcome">Only a log that was <see cref="LogCopyOutcome.Copied"/> is of use.</param>
/// <param name="Segments">Number of segment files.</param>
/// <param name="Bytes">Bytes in them.</param>
/// <param name="WasCut">Whether the boundary was reached before the log's end.</param>
public readonly record struct LogCopyResult(LogCopyOutcome Outcome, int Segments, long Bytes, bool WasCut);
