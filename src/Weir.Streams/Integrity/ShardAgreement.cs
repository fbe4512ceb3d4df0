using Weir.Log.Integrity;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>Compares what the catalog and the log of a stream say of its shards.</summary>
internal static class ShardAgreement
{
    /// <summary>The findings.</summary>
    /// <param name="contents">The directory.</param>
    /// <param name="before">The stream before its log was read.</param>
    /// <param name="after">The stream afterwards.</param>
    /// <param name="log">Its log.</param>
    public static IEnumerable<DataFinding> Compare(DataContents contents, CatalogStream before, CatalogStream after, LogFacts log)
    {
        // A log that was damaged says nothing reliable of its shards, and was complained of already.
        if (log.Findings.Any(finding => finding.Kind == FindingKind.Damage))
            yield break;
        var facts = log.Shards.ToDictionary(shard => shard.Shard);
        foreach (var row in before.Shards)
        {
            var isClosed = facts.GetValueOrDefault(row.Id.Number)?.ClosedAt is not null;
            var later = after.Shards.FirstOrDefault(shard => shard.Id == row.Id);
            if (!isClosed && row.ClosedAt is not null)
            {
                yield return Finding(
                    FindingKind.Damage, $"the end of {row.Id}, which the catalog has as closed", "an open shard",
                    "The newest records of the shard may be missing. With durability os or interval a loss of power can do this.");
            }
            else if (isClosed && later is { ClosedAt: null } && IsIntended(after, row.Id))
            {
                yield return Finding(
                    FindingKind.Note, $"{row.Id} open, as in the catalog", "its end", "A split or merge is under way. The server goes on with it, or the next start does.");
            }
            else if (isClosed && later is { ClosedAt: null } && !IsIntended(before, row.Id))
            {
                yield return Finding(
                    FindingKind.Damage, $"{row.Id} open, as in the catalog", "its end", "Puts to the shard fail: the log takes no more of it, and it has no children.");
            }
        }

        if (before.Stream.Status != StreamStatus.Creating && log.Shards.FirstOrDefault(shard => shard.Shard >= after.Stream.NextShard) is { } unknown)
        {
            yield return Finding(
                FindingKind.Damage, $"shards below {new ShardId(after.Stream.NextShard)}, as in the catalog", $"{new ShardId(unknown.Shard)}",
                "The log is newer than the catalog: its records of that shard cannot be read, and would appear in a later shard of that number.");
        }

        if (!CoversAll(after))
        {
            yield return new DataFinding(after.Stream.Name, new LogFinding(
                FindingKind.Damage, contents.CatalogFile, 0, $"open shards of {after.Stream.Name.Name} that cover the hash keys exactly once", "other ranges",
                "Some records have no shard, or two.", DataCheck.RestoreAdvice), []);
        }

        DataFinding Finding(FindingKind kind, string expected, string found, string meaning) => new(after.Stream.Name, new LogFinding(
            kind, Path.Combine(DataDirectory.LogsOf(contents.Path), log.Id.ToString()), 0, expected, found, meaning,
            kind == FindingKind.Note ? "" : DataCheck.RestoreAdvice), []);
    }

    private static bool IsIntended(CatalogStream stream, ShardId shard) => stream.Reshard is { } reshard && (reshard.Parent == shard || reshard.Adjacent == shard);

    private static bool CoversAll(CatalogStream stream)
    {
        var open = stream.Shards.Where(shard => shard.ClosedAt is null).Select(shard => shard.HashKeys).OrderBy(range => range.Start).ToArray();
        return stream.Stream.Status == StreamStatus.Creating
            || (open is [var first, ..] && first.Start == HashKey.Min && open[^1].End == HashKey.Max
                && open.Zip(open.Skip(1)).All(pair => pair.First.IsFollowedBy(pair.Second)));
    }
}
