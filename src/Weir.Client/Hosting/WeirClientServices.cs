using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Weir.Client;
using Weir.Client.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Weir's client into an application.</summary>
public static class WeirClientServices
{
    /// <summary>Adds a <see cref="KinesisClient"/> for the whole application; the container disposes it.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">
    /// Sets options. For a section of the configuration: <c>options => configuration.GetSection("Kinesis").Bind(options)</c>.
    /// </param>
    /// <returns>The services.</returns>
    /// <remarks>Options out of range end the application's start, with a text that names them. Calling it twice adds to the options.</remarks>
    public static IServiceCollection AddWeirClient(this IServiceCollection services, Action<KinesisClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<KinesisClientOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KinesisClientOptions>, KinesisClientOptionsValidation>());
        services.TryAddSingleton(provider => new KinesisClient(provider.GetRequiredService<IOptions<KinesisClientOptions>>().Value));
        return services;
    }

    /// <summary>Adds a health check that asks the service about a stream: unhealthy when it is not there or cannot be asked.</summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="streamName">The stream. It has to be active, or about to change its shards.</param>
    /// <param name="name">The check's name; null for <c>kinesis-</c> and the stream.</param>
    /// <param name="failureStatus">What a failure counts as; null for unhealthy.</param>
    /// <param name="tags">Labels to choose checks by.</param>
    /// <remarks>Costs one DescribeStreamSummary; AWS allows an account 20 a second.</remarks>
    public static IHealthChecksBuilder AddKinesisStream(
        this IHealthChecksBuilder builder,
        string streamName,
        string? name = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(streamName);
        return builder.Add(new HealthCheckRegistration(
            name ?? $"kinesis-{streamName}",
            provider => new KinesisStreamHealthCheck(provider.GetRequiredService<KinesisClient>(), streamName),
            failureStatus,
            tags));
    }
}
