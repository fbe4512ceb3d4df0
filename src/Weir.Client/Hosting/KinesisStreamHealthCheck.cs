using Microsoft.Extensions.Diagnostics.HealthChecks;
using Weir.Protocol.Messages;

namespace Weir.Client.Hosting;

/// <summary>Asks the service about a stream.</summary>
internal sealed class KinesisStreamHealthCheck(KinesisClient client, string streamName) : IHealthCheck
{
    /// <inheritdoc />
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var answer = await client.DescribeStreamSummaryAsync(
                new DescribeStreamSummaryRequest { StreamName = streamName }, cancellationToken).ConfigureAwait(false);
            var status = answer.StreamDescriptionSummary?.StreamStatus;
            return status is StreamStatuses.Active or StreamStatuses.Updating
                ? HealthCheckResult.Healthy($"{streamName} is {status}.")
                : new HealthCheckResult(context.Registration.FailureStatus, $"{streamName} is {status ?? "without a status"}.");
        }
        catch (KinesisException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message, exception);
        }
    }
}
