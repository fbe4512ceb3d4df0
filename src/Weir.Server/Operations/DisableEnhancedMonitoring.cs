using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>DisableEnhancedMonitoring (spec section 7.10). Errors: ResourceNotFound, ResourceInUse, InvalidArgument.</summary>
/// <remarks>Switches shard-level metrics off; those that were off stay off.</remarks>
internal static class DisableEnhancedMonitoring
{
    public static async ValueTask<OperationResult<DisableEnhancedMonitoringResponse>> RunAsync(OperationContext context, DisableEnhancedMonitoringRequest request)
    {
        var named = StreamMessage.MetricsOf(request.ShardLevelMetrics!);
        var (error, result) = await MonitoringChange.RunAsync(context, request.StreamName, request.StreamARN, metrics => metrics & ~named).ConfigureAwait(false);
        return error is not null ? error : new DisableEnhancedMonitoringResponse
        {
            StreamName = result.Stream.Name.Name,
            StreamARN = result.Stream.Name.Arn,
            CurrentShardLevelMetrics = result.Before,
            DesiredShardLevelMetrics = result.After,
        };
    }
}
