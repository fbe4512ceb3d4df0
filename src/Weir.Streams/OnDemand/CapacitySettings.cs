using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.OnDemand;

/// <summary>Changes who decides on a stream's capacity, and how much of it an on-demand stream has at once: mode, warm throughput, distribution.</summary>
/// <remarks>
/// Thread-safe. A change is durable when its call returns. Where it needs more shards than are open, the number to grow to is in the catalog
/// in the same transaction, and the stream is UPDATING until they are there, also over a crash.
/// </remarks>
public sealed class CapacitySettings
{
    private readonly StreamEngine _engine;
    private readonly StreamCatalog _catalog;
    private readonly Transitions _transitions;

    internal CapacitySettings(StreamEngine engine, StreamCatalog catalog, Transitions transitions) =>
        (_engine, _catalog, _transitions) = (engine, catalog, transitions);

    /// <summary>Changes the mode. The shards stay; a stream that becomes on-demand with fewer than it needs grows.</summary>
    /// <remarks>A stream that becomes provisioned loses its warm throughput and goes by partition keys again: both are of on-demand streams only.</remarks>
    /// <param name="stream">The stream.</param>
    /// <param name="mode">The mode that it shall have.</param>
    /// <param name="warmMibps">Warm throughput to begin with, in MiB per second; 0 for none.</param>
    /// <returns>Changed, or the first check of spec section 7.1 that failed.</returns>
    public Task<CapacityOutcome> SetModeAsync(DataStream stream, StreamMode mode, int warmMibps) => ChangeAsync(
        stream,
        RollingQuota.Mode,
        row => mode == StreamMode.OnDemand
            ? row with { Mode = mode, WarmMibps = warmMibps }
            : row with { Mode = mode, WarmMibps = 0, Distribution = RecordDistribution.UserPartitionKey },
        row => row.Mode == mode ? CapacityOutcome.Unchanged
            : mode == StreamMode.Provisioned && warmMibps > 0 ? CapacityOutcome.WarmNotExpected
            : warmMibps > 0 && !AllowsWarmThroughput(stream.Name) ? CapacityOutcome.NotCommitted
            : warmMibps > KinesisLimits.MaxWarmThroughputMibps ? CapacityOutcome.WarmTooHigh
            : mode == StreamMode.OnDemand && _engine.OnDemandStreams(stream.Name.Account, stream.Name.Region) >= KinesisLimits.MaxOnDemandStreams
                ? CapacityOutcome.TooManyOnDemand
            : CapacityOutcome.Changed);

    /// <summary>Changes the warm throughput of an on-demand stream. Lowered, it only lets merges come: the peaks of 30 days still count.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="mibps">MiB per second of writes that it shall carry at once; 0 for none.</param>
    /// <returns>Changed, or the first check of spec section 7.1 that failed behind those of mode and commitment, which are the caller's.</returns>
    public Task<CapacityOutcome> SetWarmThroughputAsync(DataStream stream, int mibps) => ChangeAsync(
        stream,
        quota: null,
        row => row with { WarmMibps = mibps },
        // The mode may have changed since the caller looked.
        row => row.Mode != StreamMode.OnDemand ? CapacityOutcome.NotOnDemand
            : mibps > KinesisLimits.MaxWarmThroughputMibps ? CapacityOutcome.WarmTooHigh
            : CapacityOutcome.Changed);

    /// <summary>Changes what decides on the shard of a record, for the puts that come; the stream does not stay UPDATING.</summary>
    /// <returns>Changed, or why not; then nothing has changed.</returns>
    public async Task<CapacityOutcome> SetDistributionAsync(DataStream stream, RecordDistribution distribution)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return CapacityOutcome.NotActive;
        var row = snapshot.Row with { Status = StreamStatus.Active };
        try
        {
            if (distribution == RecordDistribution.Auto && row.Mode != StreamMode.OnDemand)
                return CapacityOutcome.NotOnDemand;
            if (distribution != row.Distribution)
                row = await _catalog.UpdateStreamAsync(row, row with { Distribution = distribution }, use: null, CancellationToken.None).ConfigureAwait(false);
            return CapacityOutcome.Changed;
        }
        finally
        {
            stream.Publish(now => now with { Row = row });
        }
    }

    /// <summary>How many shards an on-demand stream has at least, for its warm throughput or without.</summary>
    /// <param name="warmMibps">MiB per second; 0 for none. A shard carries one.</param>
    public static int ShardsOf(int warmMibps) => OnDemandRule.Minimum(warmMibps);

    /// <summary>Whether streams of an account may be given warm throughput: it is committed, and has not said until when.</summary>
    /// <remarks>A commitment ends only without warm throughput, so none may be added once the end is scheduled.</remarks>
    public bool AllowsWarmThroughput(StreamName stream) =>
        _engine.Accounts.CommitmentOf(stream.Account, stream.Region).Status == Accounts.CommitmentStatus.Enabled;

    private async Task<CapacityOutcome> ChangeAsync(
        DataStream stream, RollingQuota? quota, Func<StreamRow, StreamRow> change, Func<StreamRow, CapacityOutcome> check)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return CapacityOutcome.NotActive;
        var row = snapshot.Row with { Status = StreamStatus.Active };
        var (peak, uses) = (0, snapshot.QuotaUses);
        int? growsTo = null;
        try
        {
            var now = _engine.Now();
            if (quota is { } counted && snapshot.UsesOf(counted, now) >= QuotaUse.LimitOf(counted))
                return CapacityOutcome.TooOften;
            if (check(row) is var outcome and not CapacityOutcome.Changed)
                return outcome;
            var changed = change(row);
            growsTo = GrowsTo(changed, snapshot.Shards);
            if (growsTo is { } target && ShardLimitReached(stream, target))
                return CapacityOutcome.ShardLimit;
            QuotaUse? use = quota is null ? null : new QuotaUse(quota.Value, now);
            if (changed.Mode == StreamMode.OnDemand && row.Mode != StreamMode.OnDemand)
                OnDemandScaling.Adopt(stream);
            if (growsTo is null)
                row = (await _catalog.UpdateStreamAsync(row, changed, use, CancellationToken.None).ConfigureAwait(false)) with { Status = StreamStatus.Updating };
            else
                (row, peak) = await _engine.Scaling.BeginGrowthAsync(stream, row, changed, growsTo.Value, use).ConfigureAwait(false);
            uses = use is null ? uses : snapshot.UsesWith(use.Value);
        }
        finally
        {
            // ACTIVE again after a refusal or a failure, UPDATING with the catalog's version after success.
            stream.Publish(now => now with { Row = row, ScalingPeak = peak, QuotaUses = uses });
        }

        if (growsTo is { } shards)
            _engine.Scaling.StartGrowth(stream, shards);
        else
            await _transitions.RunAsync(() => ActivateAsync(stream)).ConfigureAwait(false);
        if (row.Mode == StreamMode.OnDemand)
            _engine.OnDemand.Wake(stream);
        return CapacityOutcome.Changed;
    }

    private static Task ActivateAsync(DataStream stream)
    {
        stream.Publish(static now => now with { Row = now.Row with { Status = StreamStatus.Active } });
        return Task.CompletedTask;
    }

    private static int? GrowsTo(StreamRow row, ShardMap shards) =>
        row.Mode == StreamMode.OnDemand && OnDemandRule.Minimum(row.WarmMibps) is var minimum && shards.Open.Count < minimum ? minimum : null;

    private bool ShardLimitReached(DataStream stream, int target) =>
        _engine.OpenShards(stream.Name.Account, stream.Name.Region) + target - stream.Current.Shards.Open.Count > KinesisLimits.MaxShardsPerAccount;
}

/// <summary>What became of a change of a stream's capacity.</summary>
public enum CapacityOutcome
{
    /// <summary>Done and durable, or begun: the stream is UPDATING while it grows.</summary>
    Changed,

    /// <summary>The stream has this mode already; nothing happens.</summary>
    Unchanged,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,

    /// <summary>The mode was changed as often as it may be in a rolling day.</summary>
    TooOften,

    /// <summary>Warm throughput was given for a provisioned stream.</summary>
    WarmNotExpected,

    /// <summary>Warm throughput was given, and the account has no commitment.</summary>
    NotCommitted,

    /// <summary>More warm throughput than a stream may have.</summary>
    WarmTooHigh,

    /// <summary>The account has as many on-demand streams as it may.</summary>
    TooManyOnDemand,

    /// <summary>The account would have more shards than it may.</summary>
    ShardLimit,

    /// <summary>The stream is provisioned, and the change is for on-demand streams.</summary>
    NotOnDemand,
}
