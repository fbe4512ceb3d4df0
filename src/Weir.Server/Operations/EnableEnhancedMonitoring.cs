using Weir.Protocol.Messages;

namespace Weir.Server.Operations;

/// <summary>EnableEnhancedMonitoring (spec section 7.10). Errors: ResourceNotFound, ResourceInUse, InvalidArgument.</summary>
/// <remarks>Switches shard-level metrics on; those that were on stay on.</remarks>
internal static class EnableEnhancedMonitoring
{
    public static async ValueTask<OperationResult<EnableEnhancedMonitoringResponse>> RunAsync(OperationContext context, EnableEnhancedMonitoringRequest request)
    {
        var named = StreamMessage.MetricsOf(request.ShardLevelMetrics!);
        var (error, result) = await MonitoringChange.RunAsync(context, request.StreamName, request.StreamARN, metrics => metrics | named).ConfigureAwait(false);
        return error is not null ? error : new EnableEnhancedMonitoringResponse
        {
            StreamName = result.Stream.Name.Name,
            StreamARN = result.Stream.Name.Arn,
            CurrentShardLevelMetrics = result.Before,
            DesiredShardLevelMetrics = result.After,
        };
    }
}
