using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Weir.Server.Metrics;

/// <summary>Sends a server's metrics to an OpenTelemetry collector, by the OpenTelemetry SDK and its own settings.</summary>
/// <remarks>
/// A collector that cannot be reached, or hangs, costs a thread of the SDK its time and nothing else: measuring never waits for it.
/// The SDK keeps every series that it ever saw, up to a limit, beyond which the rest of them are one. So when enough series have gone with
/// their streams the SDK is begun anew: its sums start again from zero, and say so.
/// </remarks>
internal sealed partial class OtlpExport : IAsyncDisposable
{
    // How long the last export may take: a stop is not held up for longer by a collector that does not answer.
    private const int FlushMilliseconds = 2000;

    // The SDK takes room for all of them at once, some 100 bytes each: for a thousand streams with as many consumers, and for ten
    // thousand shards, each with as many again that have gone since the SDK was begun.
    private const int StreamSeries = 4000;
    private const int ShardSeries = 20_000;

    // Of an instrument at most so many series are gone when the SDK is begun anew: well below the room for them.
    private const int ForgottenBeforeAnew = 2000;

    private const string LogMeterName = "Weir.Log";
    private const string RuntimeMeter = "System.Runtime";

    private readonly IConfiguration _configuration;
    private readonly Uri? _endpoint;
    private readonly ServerMeters _meters;
    private readonly ILogger _logger;
    private readonly string _instance = Guid.NewGuid().ToString();
    private readonly CancellationTokenSource _stopping = new();

    // Released once for each time that the SDK has to be begun anew.
    private readonly SemaphoreSlim _due = new(0, 1);
    private readonly Task _renewing;

    // Written by the constructor and then by the renewing task only, which the disposal waits for.
    private MeterProvider _provider;

    private int _forgotten;
    private int _disposed;

    /// <summary>Begins to send.</summary>
    /// <param name="settings">The SDK's settings by the names of its environment variables; the environment itself is not read.</param>
    /// <param name="meters">The server's; those of other servers in the process are left alone.</param>
    /// <param name="logger">Hears of starts.</param>
    public OtlpExport(IReadOnlyDictionary<string, string> settings, ServerMeters meters, ILogger logger)
    {
        _configuration = new ConfigurationBuilder().AddInMemoryCollection(OtlpSettings.ForExporter(settings)).Build();
        _endpoint = settings.TryGetValue(OtlpSettings.MetricsEndpoint, out var endpoint) ? new Uri(endpoint) : null;
        (_meters, _logger) = (meters, logger);
        _provider = Begin();
        _renewing = RenewAsync();
    }

    /// <summary>Takes note of series that have gone with what they were about. Never waits.</summary>
    public void Forgot(int series)
    {
        if (Interlocked.Add(ref _forgotten, series) < ForgottenBeforeAnew || _due.CurrentCount > 0)
            return;
        try
        {
            _due.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else has just said so, or the server stops.
            return;
        }
    }

    /// <summary>Sends what was not sent yet, for a bounded time, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        await EndAsync(_provider).ConfigureAwait(false);
        _stopping.Dispose();
        _due.Dispose();
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            try
            {
                await _due.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Interlocked.Exchange(ref _forgotten, 0);
            // The new one first: what is measured between the two is sent twice rather than never.
            var old = _provider;
            _provider = Begin();
            Log.BegunAnew(_logger);
            await EndAsync(old).ConfigureAwait(false);
        }
    }

    private MeterProvider Begin() => Sdk.CreateMeterProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(_configuration))
        // The settings come last and win.
        .SetResourceBuilder(ResourceBuilder.CreateEmpty()
            .AddService("weir", serviceVersion: Version(), serviceInstanceId: _instance)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector())
        .AddMeter(StreamMetrics.MeterName, ShardLevelMetrics.MeterName, LogMeterName, RuntimeMeter)
        .AddView(ViewOf)
        .AddOtlpExporter(exporter =>
        {
            // Given so it is taken as it is; the general one gets the path of metrics.
            if (_endpoint is not null)
                exporter.Endpoint = _endpoint;
        })
        .Build();

    private MetricStreamConfiguration? ViewOf(Instrument instrument) =>
        instrument.Meter.Name == RuntimeMeter ? null
        : !_meters.Own(instrument) ? MetricStreamConfiguration.Drop
        : new MetricStreamConfiguration { CardinalityLimit = instrument.Meter.Name == ShardLevelMetrics.MeterName ? ShardSeries : StreamSeries };

    // The SDK's calls block.
    private static Task EndAsync(MeterProvider provider) => Task.Run(() =>
    {
        provider.Shutdown(FlushMilliseconds);
        provider.Dispose();
    });

    private static string? Version() =>
        typeof(OtlpExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static partial class Log
    {
        [LoggerMessage(3011, LogLevel.Debug, "Many series have gone with their streams; the sums that are sent by OTLP begin again.")]
        public static partial void BegunAnew(ILogger logger);
    }
}
