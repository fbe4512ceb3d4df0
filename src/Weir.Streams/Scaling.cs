using Microsoft.Extensions.Logging;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.OnDemand;

namespace Weir.Streams;

/// <summary>Changes the number of a stream's open shards: a series of splits and merges, by a plan.</summary>
/// <remarks>
/// The catalog takes the target, and the stream is UPDATING; from here on the call may be answered, and the rest goes on in the background.
/// Each step is a split or merge by the four steps of <see cref="Resharding"/>, after which the stream stays UPDATING. The last step is
/// followed by one transaction that drops the target and makes the stream ACTIVE. A crash leaves the target and perhaps one step's intent;
/// the next start finishes that step and goes on (docs/adr/0012-scaling-by-steps.md). The mode says which plan: equal ranges for a provisioned
/// stream, growth for one on-demand. Thread-safe.
/// </remarks>
public sealed partial class Scaling
{
    private readonly StreamEngine _engine;
    private readonly StreamCatalog _catalog;
    private readonly Transitions _transitions;
    private readonly ILogger _logger;

    internal Scaling(StreamEngine engine, StreamCatalog catalog, Transitions transitions, ILogger logger)
    {
        _engine = engine;
        _catalog = catalog;
        _transitions = transitions;
        _logger = logger;
    }

    /// <summary>Begins to scale a stream. It is UPDATING until the open shards are <paramref name="target"/> equal ranges.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="target">At least 1.</param>
    /// <returns>Started, or the first check of spec section 7.5 that failed; with the counts that the answer or the refusal names.</returns>
    public async Task<ScalingResult> BeginAsync(DataStream stream, int target)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return new ScalingResult(ScalingOutcome.NotActive, stream.Current.Shards.Open.Count, AdditionalShards: 0);
        var plan = new ScalingPlan(Math.Min(target, KinesisLimits.MaxShardsByScaling));
        var row = snapshot.Row with { Status = StreamStatus.Active };
        var (peak, uses) = (0, snapshot.QuotaUses);
        ScalingResult result;
        try
        {
            var now = _engine.Now();
            result = Check(snapshot, plan, target, now);
            if (result.Outcome == ScalingOutcome.Started)
            {
                var use = new QuotaUse(RollingQuota.Scaling, now);
                row = await _catalog.BeginScalingAsync(row, row, target, use, CancellationToken.None).ConfigureAwait(false);
                peak = plan.Peak(snapshot.Shards.Open);
                uses = snapshot.UsesWith(use);
            }
        }
        finally
        {
            // ACTIVE again after a refusal or a failure, UPDATING with the catalog's version after success.
            stream.Publish(now => now with { Row = row, ScalingPeak = peak, QuotaUses = uses });
        }

        if (result.Outcome == ScalingOutcome.Started)
            Start(stream, plan, target, step: null, _engine.Options.TransitionDelay);
        return result;
    }

    /// <summary>Begins to grow an on-demand stream, with a change of its settings in the same transaction.</summary>
    /// <param name="stream">The stream, which the caller has brought to UPDATING and publishes itself.</param>
    /// <param name="seen">Its row with the status before.</param>
    /// <param name="changed">Its row as it shall be, on-demand.</param>
    /// <param name="target">More shards than are open.</param>
    /// <param name="use">What the change uses of a rolling quota.</param>
    /// <returns>The row to publish, UPDATING, and as many shards as will be open; then the caller calls <see cref="StartGrowth"/>.</returns>
    internal async Task<(StreamRow Row, int Peak)> BeginGrowthAsync(DataStream stream, StreamRow seen, StreamRow changed, int target, QuotaUse? use)
    {
        var row = await _catalog.BeginScalingAsync(seen, changed, target, use, CancellationToken.None).ConfigureAwait(false);
        return (row, new GrowthPlan(target).Peak(stream.Current.Shards.Open));
    }

    /// <summary>Lets a growth that was begun go on in the background.</summary>
    internal void StartGrowth(DataStream stream, int target) =>
        Start(stream, new GrowthPlan(target), target, step: null, _engine.Options.TransitionDelay);

    /// <summary>Goes on with a scaling that was found in the catalog at the start.</summary>
    /// <param name="stream">The stream, UPDATING.</param>
    /// <param name="target">What the scaling leads to.</param>
    /// <param name="step">The split or merge that was under way.</param>
    internal void Resume(DataStream stream, int target, ReshardRow? step)
    {
        IShardPlan plan = stream.Current.Row.Mode == StreamMode.OnDemand ? new GrowthPlan(target) : new ScalingPlan(target);
        stream.Publish(now => now with { ScalingPeak = plan.Peak(now.Shards.Open) });
        Start(stream, plan, target, step, TimeSpan.Zero);
    }

    // In the background, however short: a scaling may take thousands of steps, and a client that runs out of patience and asks again
    // would be refused because of its own first call.
    private void Start(DataStream stream, IShardPlan plan, int target, ReshardRow? step, TimeSpan delay)
    {
        // Owned by the transition. What is in the catalog and not finished; a retry goes on with it.
        var underWay = step;
        _transitions.Start(GoOnAsync, delay);

        async Task GoOnAsync()
        {
            // A stream that is being deleted meanwhile needs no more shards; one whose server stops goes on at the next start.
            while (stream.Current is { Row.Status: StreamStatus.Updating } && !_transitions.Stopping.IsCancellationRequested)
            {
                underWay ??= await BeginStepAsync(stream, plan).ConfigureAwait(false);
                if (underWay is null)
                {
                    await FinishAsync(stream, target).ConfigureAwait(false);
                    return;
                }

                await _engine.Resharding.FinishAsync(stream, underWay, then: StreamStatus.Updating).ConfigureAwait(false);
                underWay = null;
            }
        }
    }

    private async Task<ReshardRow?> BeginStepAsync(DataStream stream, IShardPlan plan)
    {
        var snapshot = stream.Current;
        if (plan.Next(snapshot.Shards.Open) is not { } step)
            return null;
        var row = await _catalog.BeginReshardAsync(snapshot.Row, step, CancellationToken.None).ConfigureAwait(false);
        stream.Publish(now => now with { Row = row });
        return step;
    }

    private async Task FinishAsync(DataStream stream, int target)
    {
        var row = await _catalog.FinishScalingAsync(stream.Current.Row, CancellationToken.None).ConfigureAwait(false);
        stream.Publish(now => now with { Row = row, ScalingPeak = 0 });
        Log.Scaled(_logger, stream.Name.Name, target);
    }

    private ScalingResult Check(DataStream.Snapshot snapshot, ScalingPlan plan, int target, DateTimeOffset now)
    {
        var open = snapshot.Shards.Open.Count;
        var additional = target == open ? 0 : Math.Max(0, plan.Peak(snapshot.Shards.Open) - open);
        var name = snapshot.Row.Name;
        var outcome = snapshot.Row.Mode == StreamMode.OnDemand ? ScalingOutcome.OnDemand
            : target > 2L * open ? ScalingOutcome.AboveDouble
            : 2L * target < open ? ScalingOutcome.BelowHalf
            : target > KinesisLimits.MaxShardsByScaling ? ScalingOutcome.TooManyShards
            : _engine.OpenShards(name.Account, name.Region) + additional > KinesisLimits.MaxShardsPerAccount ? ScalingOutcome.ShardLimit
            : snapshot.UsesOf(RollingQuota.Scaling, now) >= QuotaUse.LimitOf(RollingQuota.Scaling) ? ScalingOutcome.TooOften
            : target == open ? ScalingOutcome.Unchanged
            : ScalingOutcome.Started;
        return new ScalingResult(outcome, open, additional);
    }

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Information, "Stream {Name}: scaled to {Target} shards.")]
        public static partial void Scaled(ILogger logger, string name, int target);
    }
}

/// <summary>What became of a scaling, with the counts that its answer names.</summary>
/// <param name="Outcome">Whether it began.</param>
/// <param name="OpenShards">Open shards before.</param>
/// <param name="AdditionalShards">How many more are open at once on the way.</param>
public readonly record struct ScalingResult(ScalingOutcome Outcome, int OpenShards, int AdditionalShards);

/// <summary>What became of a scaling.</summary>
public enum ScalingOutcome
{
    /// <summary>Accepted and in the catalog; it will be finished.</summary>
    Started,

    /// <summary>The stream has as many open shards already; nothing happens.</summary>
    Unchanged,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,

    /// <summary>The traffic decides on the stream's shards.</summary>
    OnDemand,

    /// <summary>More than twice the open shards.</summary>
    AboveDouble,

    /// <summary>Less than half the open shards.</summary>
    BelowHalf,

    /// <summary>More shards than a stream may be scaled to.</summary>
    TooManyShards,

    /// <summary>The account would have more shards than it may.</summary>
    ShardLimit,

    /// <summary>The stream was scaled as often as it may be in a rolling day.</summary>
    TooOften,
}
