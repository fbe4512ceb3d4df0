using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.Throttling;

namespace Weir.Streams;

/// <summary>Splits and merges shards, so that no record is lost or reordered and a crash at any point is finished at the next start.</summary>
/// <remarks>
/// The order (docs/adr/0005-reshard-order.md):
/// <code>
///   1. catalog   the intent; the stream is UPDATING                 the call may be answered from here on
///   2. log       each parent's end: no record can follow it         puts that come now wait for 4
///   3. catalog   parents closed, children open, intent gone, ACTIVE (one transaction)
///   4. memory    the new shard map; the waiting puts go to the children
/// </code>
/// A crash after 1 or 2 leaves the intent, and the next start goes on at 2, which is idempotent. A crash after 3 leaves nothing to do.
/// </remarks>
public sealed class Resharding
{
    private readonly StreamEngine _engine;
    private readonly StreamCatalog _catalog;
    private readonly Transitions _transitions;

    internal Resharding(StreamEngine engine, StreamCatalog catalog, Transitions transitions)
    {
        _engine = engine;
        _catalog = catalog;
        _transitions = transitions;
    }

    /// <summary>Splits an open shard so that its upper child starts at <paramref name="at"/>.</summary>
    /// <returns>Started, or the first check of spec section 7.5 that failed.</returns>
    public Task<ReshardOutcome> SplitAsync(DataStream stream, ShardId shard, HashKey at) => BeginAsync(
        stream,
        new ReshardRow(shard, null, at),
        shards => Check(shards, shard, out var parent) is { } refusal ? refusal
            : ShardLimitReached(stream) ? ReshardOutcome.ShardLimit
            : parent.HashKeys.CanSplitAt(at) ? ReshardOutcome.Started
            : ReshardOutcome.BadSplitPoint);

    /// <summary>Merges two open shards of which <paramref name="upper"/> begins right after <paramref name="lower"/> ends.</summary>
    /// <returns>Started, or the first check of spec section 7.5 that failed.</returns>
    public Task<ReshardOutcome> MergeAsync(DataStream stream, ShardId lower, ShardId upper) => BeginAsync(
        stream,
        new ReshardRow(lower, upper, null),
        shards =>
        {
            // Both must exist before either is looked at for being closed.
            if (shards.Find(lower) is not { } first || shards.Find(upper) is not { } second)
                return ReshardOutcome.ShardMissing;
            if (!first.IsOpen || !second.IsOpen)
                return ReshardOutcome.ShardClosed;
            return first.HashKeys.IsFollowedBy(second.HashKeys) ? ReshardOutcome.Started : ReshardOutcome.NotAdjacent;
        });

    /// <summary>Steps 2 to 4, also for an intent that was found in the catalog at the start.</summary>
    /// <param name="stream">The stream, UPDATING.</param>
    /// <param name="reshard">The intent.</param>
    /// <param name="then">The stream's status afterwards: ACTIVE, or UPDATING for a step of a scaling.</param>
    internal async Task FinishAsync(DataStream stream, ReshardRow reshard, StreamStatus then = StreamStatus.Active)
    {
        var (row, shards, log) = stream.Current;
        // A stream that is being deleted meanwhile needs no children.
        if (row.Status != StreamStatus.Updating || log is null)
            return;
        ShardId[] parents = reshard.Adjacent is { } adjacent ? [reshard.Parent, adjacent] : [reshard.Parent];
        var closed = new List<Shard>();
        foreach (var parent in parents)
        {
            await log.CloseShardAsync(parent.Number).ConfigureAwait(false);
            closed.Add(shards.Find(parent)!);
        }

        // One moment for all of them: parents stop and children start at the same time, so that no filter finds a hole or an overlap.
        var ends = parents.Select(parent => log.GetShard(parent.Number).ClosedAt!.Value);
        // Not before they opened: the clock may have gone back since, and a shard that ended before it began would be in no list.
        var switched = ends.Concat(closed.Select(parent => parent.OpenedAt)).Max();
        closed = [.. closed.Select(parent => parent.Close(switched))];
        var opened = Children(row, reshard, closed, switched);
        var changed = await _catalog.FinishReshardAsync(
            row, [.. closed.Select(RowOf)], [.. opened.Select(RowOf)], then, CancellationToken.None).ConfigureAwait(false);
        stream.Publish(now => now with { Row = changed, Shards = now.Shards.Replace(closed, opened) });
    }

    private async Task<ReshardOutcome> BeginAsync(DataStream stream, ReshardRow reshard, Func<ShardMap, ReshardOutcome> check)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return ReshardOutcome.NotActive;
        var row = snapshot.Row with { Status = StreamStatus.Active };
        ReshardOutcome outcome;
        try
        {
            outcome = check(snapshot.Shards);
            if (outcome == ReshardOutcome.Started)
                row = await _catalog.BeginReshardAsync(row, reshard, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            // ACTIVE again after a refusal or a failure, UPDATING with the catalog's version after success.
            stream.Publish(now => now with { Row = row });
        }

        if (outcome == ReshardOutcome.Started)
            await _transitions.RunAsync(() => FinishAsync(stream, reshard)).ConfigureAwait(false);
        return outcome;
    }

    private Shard[] Children(StreamRow row, ReshardRow reshard, List<Shard> parents, DateTimeOffset switched)
    {
        // Above every number that the parents gave out or could give out (spec section 5.2).
        var created = parents.Max(parent => parent.ClosedSeconds) + 1;
        HashKeyRange[] ranges;
        if (reshard.SplitAt is { } at)
        {
            var (lower, upper) = parents[0].HashKeys.SplitAt(at);
            ranges = [lower, upper];
        }
        else
        {
            ranges = [parents[0].HashKeys.MergeWith(parents[1].HashKeys)];
        }

        return [.. ranges.Select((range, i) => new Shard
        {
            Id = new ShardId(row.NextShard + i),
            HashKeys = range,
            Parent = reshard.Parent,
            AdjacentParent = reshard.Adjacent,
            CreatedSeconds = created,
            OpenedAt = switched,
            Throttle = new ShardThrottle(_engine.Time, row.MaxRecordKib * 1024),
        })];
    }

    private bool ShardLimitReached(DataStream stream) =>
        _engine.OpenShards(stream.Name.Account, stream.Name.Region) + 1 > KinesisLimits.MaxShardsPerAccount;

    private static ReshardOutcome? Check(ShardMap shards, ShardId id, out Shard shard)
    {
        shard = shards.Find(id)!;
        return shard is null ? ReshardOutcome.ShardMissing : shard.IsOpen ? null : ReshardOutcome.ShardClosed;
    }

    private static ShardRow RowOf(Shard shard) => new(
        shard.Id, shard.HashKeys, shard.Parent, shard.AdjacentParent, shard.CreatedSeconds, shard.OpenedAt, shard.ClosedAt);
}

/// <summary>What became of a split or merge.</summary>
public enum ReshardOutcome
{
    /// <summary>Accepted and in the catalog; it will be finished.</summary>
    Started,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,

    /// <summary>A shard does not exist.</summary>
    ShardMissing,

    /// <summary>A shard has been split or merged already.</summary>
    ShardClosed,

    /// <summary>The account has as many shards as it may.</summary>
    ShardLimit,

    /// <summary>The new starting hash key does not lie strictly inside the shard's range.</summary>
    BadSplitPoint,

    /// <summary>The two shards are no neighbours in this order.</summary>
    NotAdjacent,
}
