using Microsoft.Extensions.Hosting;

namespace Weir.Producer.Hosting;

/// <summary>Closes a producer when the application stops: what it has is sent before the process ends.</summary>
internal sealed class ProducerDrain(KinesisProducer producer) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => producer.DisposeAsync().AsTask().WaitAsync(cancellationToken);
}
