using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Weir.Log;
using Weir.Log.Integrity;
using Weir.Log.Storage;
using Weir.Model;
using Weir.Server.Http;
using Weir.Server.Metrics;
using Weir.Server.Operations;
using Weir.Server.Security;
using Weir.Server.Security.Credentials;
using Weir.Server.TestControls;
using Weir.Server.TestControls.Faults;
using Weir.Server.Tls;
using Weir.Streams;
using Weir.Streams.Catalog;

namespace Weir.Server;

/// <summary>A running server: storage, engine and one port. Start it, use <see cref="Endpoint"/>, dispose it.</summary>
/// <remarks>Thread-safe. Several may run in one process, each on its own data directory and port.</remarks>
public sealed class WeirServer : IAsyncDisposable
{
    // A client that reads more slowly than this is thrown away with its connection, which under HTTP/2 other requests share. A subscriber
    // may stop reading for as long as its subscription lasts, so nobody is judged before that.
    private static readonly MinDataRate LeastResponseRate = new(
        bytesPerSecond: 240, gracePeriod: KinesisLimits.SubscriptionLifetime + TimeSpan.FromSeconds(30));

    // How long a request waits for room in the byte budget before it is told that the server is overloaded.
    private static readonly TimeSpan LongestBudgetWait = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly Opened _opened;
    private int _stopping;

    // Completed when the first stop is done; later ones wait for it.
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WeirServer(WebApplication app, Opened opened, StreamEngine engine, ServerMeters meters, Uri endpoint)
    {
        Meters = meters;
        _app = app;
        _opened = opened;
        Engine = engine;
        Endpoint = endpoint;
    }

    /// <summary>Where the server listens, with the real port.</summary>
    public Uri Endpoint { get; }

    /// <summary>The certificate that clients have to be told to trust, in PEM; null without TLS, or when it is in memory only.</summary>
    public string? CertificateFile { get; private init; }

    /// <summary>The streams, for tests that look at them or change them from inside.</summary>
    internal StreamEngine Engine { get; }

    /// <summary>Makes the meters; tells this server's instruments from others of the process.</summary>
    internal ServerMeters Meters { get; }

    /// <summary>Opens the storage, recovers what is there and accepts requests.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="CredentialsFileException">The credentials file cannot be used.</exception>
    /// <exception cref="DataDirectoryInUseException">Another process has the data directory.</exception>
    /// <exception cref="LogCorruptException">Stored records are damaged.</exception>
    /// <exception cref="IOException">The port is taken, or the directory cannot be used.</exception>
    public static async Task<WeirServer> StartAsync(WeirServerOptions options, CancellationToken cancellationToken)
    {
        var address = options.Validate();
        var opened = new Opened();
        try
        {
            var loggers = opened.Add(Loggers(options.LogLevel));
            var clock = options.TestControls ? opened.Add(new ControllableTimeProvider(options.Time)) : null;
            var directory = options.DataDirectory is null ? null : opened.Add(DataDirectory.Take(options.DataDirectory, options.Time));
            var time = clock ?? options.Time;
            var meters = opened.Add(new ServerMeters());
            var logs = OpenLogs(options, time, directory, loggers, meters);
            var engine = opened.Add(await OpenEngineAsync(options, time, directory, logs, loggers, cancellationToken).ConfigureAwait(false));
            // Paced by the machine's clock, whatever a test makes of the streams'. Closed before the engine, whose store it reads.
            var scrub = logs is SegmentedLogStore store
                ? opened.Add(SegmentScrub.Start(store, options.ScrubInterval, options.Time, loggers, meters))
                : null;
            // What protects this process and its connections stays on the machine's time: budget, port, certificates, signatures.
            var plan = MemoryPlan.Of(options);
            var memory = opened.Add(new ServerMemory(plan.RequestBytes, plan.EventBytes, LongestBudgetWait, options.Time));
            var certificates = Certificates(options, directory, address.Address);
            foreach (var certificate in certificates)
                opened.Add(certificate);
            var port = new ServerPort(address, certificates, new ConnectionCount(plan.ConnectionPlaces, options.MaxConnections ?? FileHandles.ForConnections), options.Time);
            var credentials = options.Credentials is { } file
                ? opened.Add(CredentialsWatch.Start(file, options.AccountId, options.Time, loggers.CreateLogger<CredentialsWatch>()))
                : null;
            var authentication = new Authentication(options.AccountId, credentials, options.Time);
            var faults = clock is null ? null : new FaultList(options.Time);
            var admission = new Admission(options.EnforceLimits ? new ControlRates(time) : null, faults);
            var metrics = new ServerMetrics(meters, engine, options.AccountId);
            ServerMetrics.Observe(meters, memory);
            ServerMetrics.Observe(meters, port.Connections);
            ServerMetrics.Observe(meters, plan);
            var collection = opened.Add(Collect(options, meters, engine, loggers));
            // Before the engine in the order of closing: its last export still asks it.
            if (options.OpenTelemetry is { } telemetry)
                Export(telemetry, meters, collection, opened, loggers);
            // Without credentials anyone may do anything; with them the page is for the server's own machine.
            var pages = new WeirPages(options, new MetricsPage(collection, everyone: options.AllowAnonymous), scrub);
            var controls = clock is null ? null : new TestControlPages(new TestClock(clock, options.Time, engine), faults!);
            var app = opened.Add(BuildApp(port, pages, controls, loggers, stopping => new KinesisEndpoint(
                engine, authentication, admission, memory, metrics, stopping, loggers.CreateLogger<KinesisEndpoint>())));
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            return new WeirServer(app, opened, engine, meters, port.Endpoint(bound))
            {
                CertificateFile = !options.Tls ? null : options.TlsCertificateFile ?? (directory is null ? null : ServerCertificate.CertificatePath(directory.Path)),
            };
        }
        catch
        {
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Accepts nothing new, finishes the requests under way within <paramref name="drain"/>, and closes the storage.</summary>
    /// <remarks>The first call decides how long; every call completes when the server has stopped.</remarks>
    public async Task StopAsync(TimeSpan drain)
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            await _stopped.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            using (var limit = new CancellationTokenSource(drain))
                await _app.StopAsync(limit.Token).ConfigureAwait(false);
            await _opened.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    /// <summary>Stops with five seconds for the requests under way.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);

    private static ILogStore OpenLogs(WeirServerOptions options, TimeProvider time, DataDirectory? directory, ILoggerFactory loggers, ServerMeters meters) =>
        directory is null
            ? new MemoryLogStore(options.Logs, time)
            : new SegmentedLogStore(new PhysicalDirectory(directory.LogsDirectory), options.Logs, time, loggers, meters);

    private static async Task<StreamEngine> OpenEngineAsync(
        WeirServerOptions options, TimeProvider time, DataDirectory? directory, ILogStore logs, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        StreamCatalog catalog;
        try
        {
            catalog = directory is null ? StreamCatalog.InMemory() : StreamCatalog.Open(directory.CatalogFile);
        }
        catch
        {
            await logs.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return await StreamEngine.StartAsync(catalog, logs, options.Streams, time, loggers, cancellationToken).ConfigureAwait(false);
    }

    private static MetricCollection Collect(WeirServerOptions options, ServerMeters meters, StreamEngine engine, ILoggerFactory loggers)
    {
        // The runtime's meter is the process's: memory, collections, threads. Every server of a process shows it.
        const string runtimeMeter = "System.Runtime";
        var life = new SeriesLife(engine, options.AccountId);
        return new MetricCollection(
            instrument => (meters.Own(instrument) && instrument.Name != StreamMetrics.OldIteratorAge) || instrument.Meter.Name == runtimeMeter, life.Lives, loggers.CreateLogger<MetricCollection>());
    }

    // Apart, so that a server that sends nothing does not load the SDK.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Export(
        IReadOnlyDictionary<string, string> settings, ServerMeters meters, MetricCollection collection, Opened opened, ILoggerFactory loggers)
    {
        var export = opened.Add(new OtlpExport(settings, meters, loggers.CreateLogger<OtlpExport>()));
        collection.Forgot = export.Forgot;
    }

    private static WebApplication BuildApp(
        ServerPort port, WeirPages pages, TestControlPages? controls, ILoggerFactory loggers, Func<CancellationToken, KinesisEndpoint> endpoint)
    {
        // The empty builder reads no files and no environment: whoever embeds a server gets what the options say.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Sizes are ours to refuse, with the protocol's own answer.
            kestrel.Limits.MaxRequestBodySize = null;
            // Connections are counted at the port, where an HTTP/2 one is known for what it is.
            kestrel.Limits.MaxRequestBufferSize = MemoryPlan.RequestBufferBytes;
            kestrel.Limits.MaxResponseBufferSize = MemoryPlan.ResponseBufferBytes;
            kestrel.Limits.MinResponseDataRate = LeastResponseRate;
            // Java's client sends every call of a process over few connections.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.Http2.InitialConnectionWindowSize = MemoryPlan.Http2WindowBytes;
            kestrel.Limits.Http2.InitialStreamWindowSize = MemoryPlan.Http2WindowBytes;
        });
        builder.Services.Configure<SocketTransportOptions>(sockets =>
        {
            // Of the transport's own; Kestrel's limits of the same name are those of TLS and HTTP/2.
            sockets.MaxReadBufferSize = MemoryPlan.RequestBufferBytes;
            sockets.MaxWriteBufferSize = MemoryPlan.ResponseBufferBytes;
        });
        // No request blocks its thread, so it may run where its bytes were received and send where its answer is made: two switches less.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory.Factory>();
        port.Listen(builder.WebHost);
        var app = builder.Build();
        var kinesis = endpoint(app.Lifetime.ApplicationStopping);
        app.Run(http =>
            controls is not null && TestControlPages.Answers(http.Request.Path) ? OnPoolThread(http, controls.AnswerAsync)
            : pages.Answers(http.Request.Path) ? OnPoolThread(http, pages.AnswerAsync)
            : kinesis.HandleAsync(http));
        return app;

        static async Task OnPoolThread(HttpContext http, RequestDelegate answer)
        {
            await PoolThread.Enter();
            await answer(http).ConfigureAwait(false);
        }
    }

    private static X509Certificate2Collection Certificates(WeirServerOptions options, DataDirectory? directory, IPAddress address)
    {
        if (!options.Tls)
            return [];
        if (options.TlsCertificateFile is null)
            return [ServerCertificate.SelfSigned(directory?.Path, address, options.Time)];
        return ServerCertificate.Load(options.TlsCertificateFile, options.TlsKeyFile!);
    }

    private static ILoggerFactory Loggers(LogLevel level) => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(level)
        // Kestrel says at Warning that it overrides addresses, and more; what matters comes as Error.
        .AddFilter("Microsoft", level > LogLevel.Debug ? LogLevel.Error : level)
        // Whether this one may say anything at all decides whether the host makes an activity and a scope for each request.
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", level > LogLevel.Debug ? LogLevel.None : level)
        // Whoever starts a server gets the exception; the host would print its stack as well.
        .AddFilter("Microsoft.Extensions.Hosting", level > LogLevel.Debug ? LogLevel.None : level)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        })
        .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace));

    /// <summary>What a start has opened so far; closed in the opposite order. The logger comes last: it writes out what the others had to say.</summary>
    private sealed class Opened : IAsyncDisposable
    {
        private readonly Stack<object> _parts = new();

        public T Add<T>(T part)
            where T : class
        {
            _parts.Push(part);
            return part;
        }

        public async ValueTask DisposeAsync()
        {
            while (_parts.TryPop(out var part))
            {
                if (part is IAsyncDisposable asynchronous)
                    await asynchronous.DisposeAsync().ConfigureAwait(false);
                else
                    ((IDisposable)part).Dispose();
            }
        }
    }

    /// <summary>Signals belong to the program that embeds the server.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
