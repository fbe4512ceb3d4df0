using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams;

/// <summary>Changes the settings of streams: each change is durable at once, and the stream is UPDATING for as long as transitions take.</summary>
/// <remarks>
/// Thread-safe. The catalog has the new value and the status ACTIVE in one transaction, so a crash leaves nothing to finish: UPDATING is
/// only in memory.
/// </remarks>
public sealed class StreamSettings
{
    private readonly StreamEngine _engine;
    private readonly StreamCatalog _catalog;
    private readonly Transitions _transitions;

    internal StreamSettings(StreamEngine engine, StreamCatalog catalog, Transitions transitions)
    {
        _engine = engine;
        _catalog = catalog;
        _transitions = transitions;
    }

    /// <summary>Changes how long records are kept. The caller has checked the range.</summary>
    public Task<SettingOutcome> SetRetentionAsync(DataStream stream, int hours) => ChangeAsync(
        stream,
        // What is out of reach now stays so, although its bytes may still be there and the new retention would reach them.
        seen => seen.Row with { RetentionHours = hours, TrimmedBefore = seen.Horizon(_engine.Retained.Now()) });

    /// <summary>Changes a stream's record limit, for new records only. The caller has checked the range.</summary>
    public Task<SettingOutcome> SetMaxRecordAsync(DataStream stream, int maxRecordKib) => ChangeAsync(
        stream,
        seen => seen.Row with { MaxRecordKib = maxRecordKib },
        beforePublished: seen =>
        {
            // A record that is let in by its size finds a bucket that can hold it.
            foreach (var shard in seen.Shards.Open)
                shard.Throttle.SetMaxRecordBytes(maxRecordKib * 1024);
        });

    /// <summary>Switches shard-level metrics on or off; the stream does not stay UPDATING.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="change">The metrics that shall be on, from those that are.</param>
    /// <returns>What became of it, and the metrics that were on before and are on now.</returns>
    public async Task<(SettingOutcome Outcome, ShardMetrics Before, ShardMetrics After)> SetShardMetricsAsync(
        DataStream stream, Func<ShardMetrics, ShardMetrics> change)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return (SettingOutcome.NotActive, default, default);
        var row = snapshot.Row with { Status = StreamStatus.Active };
        var (before, after) = (row.ShardMetrics, change(row.ShardMetrics));
        try
        {
            row = await _catalog.UpdateStreamAsync(row, row with { ShardMetrics = after }, use: null, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            stream.Publish(now => now with { Row = row });
        }

        return (SettingOutcome.Changed, before, after);
    }

    /// <summary>Sets or removes a stream's resource policy; the stream does not stay UPDATING.</summary>
    public async Task<SettingOutcome> SetPolicyAsync(DataStream stream, string? policy)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return SettingOutcome.NotActive;
        var kept = snapshot.Policy;
        try
        {
            await _catalog.SetPolicyAsync(stream.Id, policy, CancellationToken.None).ConfigureAwait(false);
            kept = policy;
        }
        finally
        {
            stream.Publish(now => now with { Row = now.Row with { Status = StreamStatus.Active }, Policy = kept });
        }

        return SettingOutcome.Changed;
    }

    /// <summary>Makes one change of an ACTIVE stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="change">The row as it shall be, from the stream as it is, its status ACTIVE; null when nothing is to change after all.</param>
    /// <param name="quota">The rolling quota that counts the change.</param>
    /// <param name="beforePublished">Runs when the change is durable and before anybody sees it.</param>
    /// <returns>Changed, or why not; then nothing has changed.</returns>
    internal async Task<SettingOutcome> ChangeAsync(
        DataStream stream, Func<DataStream.Snapshot, StreamRow?> change, RollingQuota? quota = null, Action<DataStream.Snapshot>? beforePublished = null)
    {
        if (await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating).ConfigureAwait(false) is not { } snapshot)
            return SettingOutcome.NotActive;
        var row = snapshot.Row with { Status = StreamStatus.Active };
        var uses = snapshot.QuotaUses;
        var changed = false;
        try
        {
            if (change(snapshot with { Row = row }) is not { } wanted)
                return SettingOutcome.Unchanged;
            var now = _engine.Now();
            if (quota is { } counted && snapshot.UsesOf(counted, now) >= QuotaUse.LimitOf(counted))
                return SettingOutcome.TooOften;
            QuotaUse? use = quota is null ? null : new QuotaUse(quota.Value, now);
            row = await _catalog.UpdateStreamAsync(row, wanted, use, CancellationToken.None).ConfigureAwait(false);
            uses = use is null ? uses : snapshot.UsesWith(use.Value);
            beforePublished?.Invoke(snapshot);
            changed = true;
        }
        finally
        {
            // ACTIVE again after a refusal or a failure.
            stream.Publish(now => now with { Row = changed ? row with { Status = StreamStatus.Updating } : row, QuotaUses = uses });
        }

        await _transitions.RunAsync(() =>
        {
            stream.Publish(now => now with { Row = now.Row with { Status = StreamStatus.Active } });
            return Task.CompletedTask;
        }).ConfigureAwait(false);
        return SettingOutcome.Changed;
    }
}

/// <summary>What became of a change of a setting.</summary>
public enum SettingOutcome
{
    /// <summary>Done, and durable.</summary>
    Changed,

    /// <summary>There was nothing to change.</summary>
    Unchanged,

    /// <summary>The stream is in a status that takes no changes.</summary>
    NotActive,

    /// <summary>The stream was changed so as often as it may be in a rolling day.</summary>
    TooOften,
}
