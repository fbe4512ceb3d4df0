using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Weir.Producer.Hosting;

/// <summary>Looks whether a producer keeps up.</summary>
internal sealed class ProducerHealthCheck(KinesisProducer producer) : IHealthCheck
{
    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var (waiting, pending, bytes) = (producer.WaitingRecords, producer.PendingRecords, producer.BufferedBytes);
        var data = new Dictionary<string, object> { ["waitingRecords"] = waiting, ["pendingRecords"] = pending, ["bufferedBytes"] = bytes };
        return Task.FromResult(waiting == 0
            ? HealthCheckResult.Healthy($"{pending} records for {producer.StreamName} are on their way.", data)
            : new HealthCheckResult(
                context.Registration.FailureStatus, $"{waiting} puts to {producer.StreamName} wait: the stream takes less than it is given.", data: data));
    }
}
