using Weir.Protocol;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>What the two operations on enhanced monitoring share (spec section 7.10): the checks, and a change that takes effect at once.</summary>
internal static class MonitoringChange
{
    /// <summary>Changes the shard-level metrics of a stream.</summary>
    /// <param name="context">For whom.</param>
    /// <param name="streamName">The stream by its name.</param>
    /// <param name="streamArn">The stream by its ARN.</param>
    /// <param name="change">The metrics that shall be on, from those that are.</param>
    public static async ValueTask<(KinesisError? Error, Result Result)> RunAsync(
        OperationContext context, string? streamName, string? streamArn, Func<ShardMetrics, ShardMetrics> change)
    {
        if (context.Find(streamName, streamArn, out var stream) is { } missing)
            return (missing, default);
        var (outcome, before, after) = await context.Engine.Settings.SetShardMetricsAsync(stream, change).ConfigureAwait(false);
        return outcome == SettingOutcome.Changed
            ? (null, new Result(stream, StreamMessage.NamesOf(before), StreamMessage.NamesOf(after)))
            : (OperationContext.NotActive(stream), default);
    }

    /// <summary>The stream, and the metrics that were on before and are on now.</summary>
    public readonly record struct Result(DataStream Stream, IReadOnlyList<string> Before, IReadOnlyList<string> After);
}
