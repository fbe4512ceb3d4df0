using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weir.Client;
using Weir.Producer;
using Weir.Producer.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Weir's producers into an application.</summary>
public static class WeirProducerServices
{
    /// <summary>Adds the application's <see cref="KinesisProducer"/>, and a <see cref="KinesisClient"/> if there is none yet.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">
    /// Sets options; the stream's name has to be among them. For a section of the configuration:
    /// <c>options => configuration.GetSection("Producer").Bind(options)</c>.
    /// </param>
    /// <returns>The services.</returns>
    /// <remarks>
    /// When the application stops the producer is drained, within <see cref="ProducerOptions.DrainTime"/> and the host's own time. Hosted services
    /// stop in the opposite order of their registration: register those that put after it.
    /// </remarks>
    public static IServiceCollection AddWeirProducer(this IServiceCollection services, Action<ProducerOptions> configure)
    {
        Add(services, Options.Options.DefaultName, configure);
        services.AddSingleton(provider => Make(provider, Options.Options.DefaultName));
        services.AddHostedService(provider => new ProducerDrain(provider.GetRequiredService<KinesisProducer>()));
        return services;
    }

    /// <summary>Adds one of several producers, to be asked for by its name: <c>[FromKeyedServices("orders")] KinesisProducer producer</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The producer's name in the application.</param>
    /// <param name="configure">Sets options; the stream's name has to be among them.</param>
    /// <inheritdoc cref="AddWeirProducer(IServiceCollection, Action{ProducerOptions})" path="/returns|/remarks" />
    public static IServiceCollection AddWeirProducer(this IServiceCollection services, string name, Action<ProducerOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Add(services, name, configure);
        services.AddKeyedSingleton(name, (provider, _) => Make(provider, name));
        // Not AddHostedService, which adds one of a kind only.
        services.AddSingleton<IHostedService>(provider => new ProducerDrain(provider.GetRequiredKeyedService<KinesisProducer>(name)));
        return services;
    }

    /// <summary>Adds a health check of a producer: degraded while callers are held back, with what is buffered.</summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="producer">The producer's name in the application; null for the one without.</param>
    /// <param name="name">The check's name; null for <c>producer</c> or <c>producer-</c> and the name.</param>
    /// <param name="tags">Labels to choose checks by.</param>
    public static IHealthChecksBuilder AddWeirProducer(
        this IHealthChecksBuilder builder, string? producer = null, string? name = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? (producer is null ? "producer" : $"producer-{producer}"),
            provider => new ProducerHealthCheck(
                producer is null ? provider.GetRequiredService<KinesisProducer>() : provider.GetRequiredKeyedService<KinesisProducer>(producer)),
            HealthStatus.Degraded,
            tags));
    }

    private static void Add(IServiceCollection services, string name, Action<ProducerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddWeirClient();
        services.AddOptions<ProducerOptions>(name).Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProducerOptions>, ProducerOptionsValidation>());
    }

    private static KinesisProducer Make(IServiceProvider provider, string name) => new(
        provider.GetRequiredService<KinesisClient>(),
        provider.GetRequiredService<IOptionsMonitor<ProducerOptions>>().Get(name),
        provider.GetService<ILogger<KinesisProducer>>(),
        provider.GetService<IMeterFactory>());
}
