using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Accounts;
using Weir.Streams.Catalog;
using Weir.Streams.Consumers;
using Weir.Streams.Encryption;
using Weir.Streams.OnDemand;
using Weir.Streams.Reading;
using Weir.Streams.Subscriptions;
using Weir.Streams.Throttling;

namespace Weir.Streams;

/// <summary>All streams of one catalog and one log store, and the parts that work on them, each a property.</summary>
/// <remarks>Thread-safe. Owns the catalog and the store.</remarks>
public sealed class StreamEngine : IAsyncDisposable
{
    private readonly StreamCatalog _catalog;
    private readonly ILogStore _logs;
    private readonly Transitions _transitions;
    private readonly RetentionSweep _retention;
    private Task _sweep = Task.CompletedTask;
    private Task _looks = Task.CompletedTask;

    private StreamEngine(StreamCatalog catalog, ILogStore logs, StreamsOptions options, TimeProvider time, ILoggerFactory loggers, byte[] tokenKey)
    {
        _catalog = catalog;
        _logs = logs;
        Options = options;
        Time = time;
        Retained = new RetentionClock(time);
        Tokens = new TokenSeal(tokenKey);
        var logger = loggers.CreateLogger<StreamEngine>();
        _transitions = new Transitions(options, time, logger);
        _retention = new RetentionSweep(this, catalog, logger);
        Lifecycle = new StreamLifecycle(this, catalog, logs, _transitions, logger);
        Settings = new StreamSettings(this, catalog, _transitions);
        Consumers = new ConsumerRegistry(this, catalog.Consumers, _transitions);
        Resharding = new Resharding(this, catalog, _transitions);
        Scaling = new Scaling(this, catalog, _transitions, loggers.CreateLogger<Scaling>());
        OnDemand = new OnDemandScaling(this, catalog.WritePeaks, _transitions, loggers.CreateLogger<OnDemandScaling>());
        Capacity = new CapacitySettings(this, catalog, _transitions);
        Accounts = new AccountSettings(this, catalog.Commitments);
        Tagging = new Tagging(catalog);
        Keys = new DataKeys(catalog.DataKeys);
        Encryption = new StreamEncryption(this);
        Records = new RecordAppender(this);
        Subscriptions = new SubscriptionRegistry(this);
    }

    /// <summary>The settings.</summary>
    public StreamsOptions Options { get; }

    /// <summary>The clock of everything here.</summary>
    public TimeProvider Time { get; }

    /// <summary>The time by which records are given up for good.</summary>
    internal RetentionClock Retained { get; }

    /// <summary>Finds and lists streams.</summary>
    public StreamRegistry Streams { get; } = new();

    /// <summary>Seals iterators and NextTokens.</summary>
    public TokenSeal Tokens { get; }

    /// <summary>Creates and deletes streams.</summary>
    public StreamLifecycle Lifecycle { get; }

    /// <summary>Changes the settings of streams.</summary>
    public StreamSettings Settings { get; }

    /// <summary>Registers and deregisters readers by enhanced fan-out.</summary>
    public ConsumerRegistry Consumers { get; }

    /// <summary>Splits and merges.</summary>
    public Resharding Resharding { get; }

    /// <summary>Changes the number of a stream's shards.</summary>
    public Scaling Scaling { get; }

    /// <summary>Lets on-demand streams grow and shrink with their traffic.</summary>
    public OnDemandScaling OnDemand { get; }

    /// <summary>Changes modes, warm throughput and record distribution.</summary>
    public CapacitySettings Capacity { get; }

    /// <summary>The settings of accounts.</summary>
    public AccountSettings Accounts { get; }

    /// <summary>Changes tags.</summary>
    public Tagging Tagging { get; }

    /// <summary>The keys of encrypted streams.</summary>
    public DataKeys Keys { get; }

    /// <summary>Starts and stops the encryption of streams.</summary>
    public StreamEncryption Encryption { get; }

    /// <summary>Puts records into streams.</summary>
    public RecordAppender Records { get; }

    /// <summary>Subscribes consumers to shards.</summary>
    public SubscriptionRegistry Subscriptions { get; }

    /// <summary>Opens everything that the catalog knows, finishes what a crash interrupted, and starts the retention sweep and on-demand scaling.</summary>
    /// <param name="catalog">Belongs to the engine from now on, also when this throws.</param>
    /// <param name="logs">Belongs to the engine from now on, also when this throws.</param>
    /// <param name="options">Validated here.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to tell of recoveries and failures.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<StreamEngine> StartAsync(
        StreamCatalog catalog, ILogStore logs, StreamsOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        StreamEngine? engine = null;
        try
        {
            options.Validate();
            var key = await catalog.GetOrCreateSecretAsync("token_key", TokenSeal.KeyBytes, cancellationToken).ConfigureAwait(false);
            engine = new StreamEngine(catalog, logs, options, time, loggers, key);
            await engine.Accounts.LoadAsync(cancellationToken).ConfigureAwait(false);
            await engine.Keys.LoadAsync(cancellationToken).ConfigureAwait(false);
            await engine.Lifecycle.OpenAllAsync(cancellationToken).ConfigureAwait(false);
            engine._sweep = engine._retention.RunAsync(engine._transitions.Stopping);
            engine._looks = engine.OnDemand.RunAsync();
            return engine;
        }
        catch
        {
            if (engine is not null)
            {
                await engine.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                await logs.DisposeAsync().ConfigureAwait(false);
                await catalog.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>Gives back at once what has expired, instead of at the next sweep.</summary>
    public Task SweepRetentionAsync(CancellationToken cancellationToken) => _retention.SweepAsync(cancellationToken);

    /// <summary>Completes when every transition that goes on in the background and whose time has come is done.</summary>
    /// <param name="cancellationToken">Ends the waiting, not the work.</param>
    /// <remarks>A transition that fails, on a full disk say, counts as done until its next try is due.</remarks>
    public Task SettleAsync(CancellationToken cancellationToken) => _transitions.SettledAsync(cancellationToken);

    /// <summary>Open shards of an account in a region, for the shard limit. A stream that is scaled counts with the most that it will have.</summary>
    /// <param name="account">The account.</param>
    /// <param name="region">The region.</param>
    /// <param name="mode">Counts the streams of this mode only; null for all, as the limit does.</param>
    public int OpenShards(string account, string region, StreamMode? mode = null) =>
        In(account, region).Where(stream => mode is null || stream.Current.Row.Mode == mode).Sum(stream => stream.Current.ChargedShards);

    /// <summary>On-demand streams of an account in a region, in whatever status.</summary>
    public int OnDemandStreams(string account, string region) => In(account, region).Count(stream => stream.Current.Row.Mode == StreamMode.OnDemand);

    /// <summary>Stops: no new background work, what runs is finished, logs and catalog are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transitions.StopAsync().ConfigureAwait(false);
        await _sweep.ConfigureAwait(false);
        await _looks.ConfigureAwait(false);
        await OnDemand.DisposeAsync().ConfigureAwait(false);
        foreach (var stream in Streams.All)
        {
            if (stream.Current.Log is { } log)
                await log.DisposeAsync().ConfigureAwait(false);
        }

        await _logs.DisposeAsync().ConfigureAwait(false);
        await _catalog.DisposeAsync().ConfigureAwait(false);
        Tokens.Dispose();
        Keys.Clear();
        Tagging.Dispose();
        Consumers.Dispose();
        Accounts.Dispose();
        Lifecycle.Dispose();
        await _transitions.DisposeAsync().ConfigureAwait(false);
    }

    private IEnumerable<DataStream> In(string account, string region) =>
        Streams.All.Where(stream => stream.Name.Account == account && stream.Name.Region == region);

    internal DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());

    internal Shard ShardOf(StreamRow stream, ShardRow row) => new()
    {
        Id = row.Id,
        HashKeys = row.HashKeys,
        Parent = row.Parent,
        AdjacentParent = row.AdjacentParent,
        CreatedSeconds = row.CreatedSeconds,
        OpenedAt = row.OpenedAt,
        ClosedAt = row.ClosedAt,
        Throttle = new ShardThrottle(Time, stream.MaxRecordKib * 1024),
    };
}
