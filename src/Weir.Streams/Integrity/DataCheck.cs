// A server may change the directory while it is looked at. The catalog is read before the logs and again after them: an end of a shard that the log
// has must be known to the later catalog, and one that the earlier catalog knew must be in the log (docs/adr/0005-reshard-order.md). So nothing that is only under way is
// taken for damage, and nothing is overlooked that was wrong before and after.
using System.Data.Common;
using Weir.Log;
using Weir.Log.Integrity;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>Checks a data directory: the catalog, every log, and that they agree. Reads only.</summary>
public static class DataCheck
{
    internal const string RestoreAdvice = "Keep a copy of the directory, look at the disk, and restore a backup: docs/operations/data.md#when-something-is-damaged.";

    /// <summary>Checks a directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="progress">Told how far the check is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DirectoryNotFoundException">It is no data directory.</exception>
    /// <exception cref="InvalidDataException">The catalog was written by a newer version.</exception>
    /// <remarks>Blocks the calling thread while it reads. Takes as long as the disk takes to read everything.</remarks>
    public static async Task<DataReport> RunAsync(string directory, DataProgress progress, CancellationToken cancellationToken)
    {
        var contents = DataContents.Open(directory);
        var inUse = DataDirectory.IsInUse(contents.Path);
        var findings = new List<DataFinding>();
        progress.Begin("checking", contents.BytesOf(contents.LogIds()));
        var before = await ReadCatalogAsync(contents, findings, cancellationToken).ConfigureAwait(false);
        // After the catalog: a stream that was complete in it has its log.
        var logs = contents.LogIds();
        if (before is null)
        {
            foreach (var id in logs)
                findings.AddRange(Check(contents, id, progress, cancellationToken)?.Findings.Select(finding => new DataFinding(null, finding, [])) ?? []);
            return new DataReport(contents.Path, inUse, [], findings);
        }

        var facts = new Dictionary<LogId, LogFacts?>();
        foreach (var stream in before.Where(stream => logs.Contains(stream.Stream.Id)))
            facts[stream.Stream.Id] = Check(contents, stream.Stream.Id, progress, cancellationToken);
        var after = await ReadCatalogAsync(contents, findings: null, cancellationToken).ConfigureAwait(false) ?? before;
        Compare(contents, before, after, logs, facts, findings);
        return new DataReport(
            contents.Path, inUse || DataDirectory.IsInUse(contents.Path),
            [.. before.Select(stream => StoredStream.Of(stream, facts.GetValueOrDefault(stream.Stream.Id)))],
            findings);
    }

    private static async Task<IReadOnlyList<CatalogStream>?> ReadCatalogAsync(
        DataContents contents, List<DataFinding>? findings, CancellationToken cancellationToken)
    {
        const string noStart = "A server does not start with this catalog, or loses streams and settings.";
        try
        {
            var catalog = await CatalogSnapshot.TakeAsync(contents.CatalogFile, cancellationToken).ConfigureAwait(false);
            await using (catalog.ConfigureAwait(false))
            {
                foreach (var problem in catalog.Problems)
                    findings?.Add(About(contents.CatalogFile, "a whole SQLite database", problem, noStart));
                return catalog.Streams;
            }
        }
        catch (DbException exception)
        {
            findings?.Add(About(contents.CatalogFile, "a catalog", exception.Message, noStart));
            return null;
        }
    }

    private static LogFacts? Check(DataContents contents, LogId id, DataProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return LogCheck.Run(contents.Logs!, id, progress.Add, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Deleted meanwhile, or damage; the later catalog tells which.
            return null;
        }
    }

    private static void Compare(
        DataContents contents, IReadOnlyList<CatalogStream> before, IReadOnlyList<CatalogStream> after, HashSet<LogId> logs,
        Dictionary<LogId, LogFacts?> facts, List<DataFinding> findings)
    {
        var later = after.ToDictionary(stream => stream.Stream.Id);
        foreach (var stream in before)
        {
            // A stream that is gone, or on its way, takes its log with it in any order.
            if (!later.TryGetValue(stream.Stream.Id, out var now) || now.Stream.Status == StreamStatus.Deleting)
                continue;
            if (facts.GetValueOrDefault(stream.Stream.Id) is { } log)
            {
                findings.AddRange(log.Findings.Select(finding => DataFinding.Of(now, finding)));
                findings.AddRange(ShardAgreement.Compare(contents, stream, now, log));
            }
            else if (stream.Stream.Status != StreamStatus.Creating)
            {
                findings.Add(About(
                    Path.Combine(DataDirectory.LogsOf(contents.Path), stream.Stream.Id.ToString()), "the stream's log", "no directory",
                    "All records of the stream are gone: a server would begin an empty log in its place.") with { Stream = stream.Stream.Name });
            }
        }

        foreach (var orphan in logs.Intersect(contents.LogIds()).Where(id => !later.ContainsKey(id) && before.All(stream => stream.Stream.Id != id)))
        {
            findings.Add(About(
                Path.Combine(DataDirectory.LogsOf(contents.Path), orphan.ToString()), "a stream in the catalog that this log belongs to", "none",
                "The next start of a server deletes it. A catalog and its logs belong together: is this an older catalog, or are these other logs?"));
        }
    }

    private static DataFinding About(string file, string expected, string found, string meaning) =>
        new(null, new LogFinding(FindingKind.Damage, file, 0, expected, found, meaning, RestoreAdvice), []);
}
