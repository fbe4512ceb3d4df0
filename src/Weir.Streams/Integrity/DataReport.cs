using Weir.Log;
using Weir.Log.Integrity;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>Records of a shard that a finding puts out of reach or makes doubtful.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Records">How many there are.</param>
/// <param name="First">No number of theirs is lower; null when the catalog does not know the shard.</param>
/// <param name="Last">No number of theirs is higher; null when nothing that comes later bounds them, or the catalog does not know the shard.</param>
public sealed record AffectedRange(ShardId Shard, long Records, SequenceNumber? First, SequenceNumber? Last);

/// <summary>One thing that a check of a data directory found.</summary>
/// <param name="Stream">The stream; null when it is about no single one.</param>
/// <param name="Finding">What it is, in the words of the log: kind, file, offset, expected, found, meaning, advice.</param>
/// <param name="Affected">Which records, in the words of the API.</param>
public sealed record DataFinding(StreamName? Stream, LogFinding Finding, IReadOnlyList<AffectedRange> Affected)
{
    internal static DataFinding Of(CatalogStream stream, LogFinding finding) =>
        new(stream.Stream.Name, finding, [.. finding.Affected.Select(records => RangeOf(stream, records))]);

    private static AffectedRange RangeOf(CatalogStream stream, AffectedRecords records)
    {
        var id = new ShardId(records.Shard);
        var count = records.LastIndex - records.FirstIndex + 1;
        if (stream.Shards.FirstOrDefault(shard => shard.Id == id) is not { } row)
            return new AffectedRange(id, count, null, null);
        return new AffectedRange(
            id,
            count,
            new SequenceNumber(row.CreatedSeconds, records.FirstIndex, records.NotBefore.ToUnixTimeSeconds(), id),
            records.NotAfter is { } after ? new SequenceNumber(row.CreatedSeconds, records.LastIndex, after.ToUnixTimeSeconds(), id) : null);
    }
}

/// <summary>What a check of a data directory found.</summary>
/// <param name="Directory">The directory.</param>
/// <param name="WasInUse">Whether a server had it: then the check is of what was there while it ran.</param>
/// <param name="Streams">What is there.</param>
/// <param name="Findings">Damage and notes; empty when all is well.</param>
public sealed record DataReport(string Directory, bool WasInUse, IReadOnlyList<StoredStream> Streams, IReadOnlyList<DataFinding> Findings)
{
    /// <summary>Whether anything is damaged.</summary>
    public bool HasDamage => Findings.Any(finding => finding.Finding.Kind == FindingKind.Damage);
}

/// <summary>How far a check or a copy is. Written by the one that works, read by anyone.</summary>
public sealed class DataProgress
{
    private long _done;
    private long _total;
    private volatile string _stage = "";

    /// <summary>What is being done.</summary>
    public string Stage
    {
        get => _stage;
        internal set => _stage = value;
    }

    /// <summary>Bytes that there are to read in this stage, as far as was known when it began.</summary>
    public long TotalBytes => Interlocked.Read(ref _total);

    /// <summary>Bytes that were read in this stage.</summary>
    public long DoneBytes => Interlocked.Read(ref _done);

    internal void Begin(string stage, long totalBytes)
    {
        Interlocked.Exchange(ref _done, 0);
        Interlocked.Exchange(ref _total, totalBytes);
        Stage = stage;
    }

    internal void Add(long bytes) => Interlocked.Add(ref _done, bytes);
}
