using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.Reading;
using Weir.Streams.Throttling;

namespace Weir.Streams;

/// <summary>All streams of one catalog and one log store: finds them, creates and deletes them, and keeps their promises across restarts.</summary>
/// <remarks>Thread-safe. Owns the catalog and the store.</remarks>
public sealed partial class StreamEngine : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly StreamCatalog _catalog;
    private readonly ILogStore _logs;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    // Names are given out and freed one at a time: the catalog and the registry then always agree. Held across catalog I/O.
    private readonly SemaphoreSlim _naming = new(1, 1);

    private readonly BackgroundWork _background;
    private readonly RetentionSweep _retention;
    private Task _sweep = Task.CompletedTask;

    private StreamEngine(StreamCatalog catalog, ILogStore logs, StreamsOptions options, TimeProvider time, ILoggerFactory loggers, byte[] tokenKey)
    {
        _catalog = catalog;
        _logs = logs;
        _logger = loggers.CreateLogger<StreamEngine>();
        Options = options;
        Time = time;
        Tokens = new TokenSeal(tokenKey);
        _background = new BackgroundWork(_logger);
        _retention = new RetentionSweep(this, catalog, _logger);
        Resharding = new Resharding(this, catalog);
        Scaling = new Scaling(this, catalog, loggers.CreateLogger<Scaling>());
        Tagging = new Tagging(catalog);
        Records = new RecordAppender(this);
    }

    /// <summary>The settings.</summary>
    public StreamsOptions Options { get; }

    /// <summary>The clock of everything here.</summary>
    public TimeProvider Time { get; }

    /// <summary>Finds and lists streams.</summary>
    public StreamRegistry Streams { get; } = new();

    /// <summary>Seals iterators and NextTokens.</summary>
    public TokenSeal Tokens { get; }

    /// <summary>Splits and merges.</summary>
    public Resharding Resharding { get; }

    /// <summary>Changes the number of a stream's shards.</summary>
    public Scaling Scaling { get; }

    /// <summary>Changes tags.</summary>
    public Tagging Tagging { get; }

    /// <summary>Puts records into streams.</summary>
    public RecordAppender Records { get; }

    /// <summary>Opens everything that the catalog knows, finishes what a crash interrupted, and starts the retention sweep.</summary>
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
            await engine.OpenStreamsAsync(cancellationToken).ConfigureAwait(false);
            engine._sweep = engine._retention.RunAsync(engine._stopping.Token);
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

    /// <summary>Creates a stream without tags; see the overload.</summary>
    public Task<CreateOutcome> CreateAsync(StreamName name, int shards, int maxRecordKib, CancellationToken cancellationToken) =>
        CreateAsync(name, shards, maxRecordKib, StreamTags.None, cancellationToken);

    /// <summary>Creates a stream; CREATING until its log is open and its shards are there.</summary>
    /// <param name="name">Where it shall be.</param>
    /// <param name="shards">Number of shards, at least 1.</param>
    /// <param name="maxRecordKib">Record limit in KiB, in the range of <see cref="KinesisLimits"/>.</param>
    /// <param name="tags">At most <see cref="KinesisLimits.MaxTags"/>, with legal characters.</param>
    /// <param name="cancellationToken">Ends the wait for the turn; once the stream is in the catalog it gets finished.</param>
    public async Task<CreateOutcome> CreateAsync(StreamName name, int shards, int maxRecordKib, StreamTags tags, CancellationToken cancellationToken)
    {
        DataStream stream;
        await _naming.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Streams.Find(name) is not null)
                return CreateOutcome.AlreadyExists;
            if (CountIn(name, StreamStatus.Creating) >= KinesisLimits.MaxStreamsCreating)
                return CreateOutcome.TooManyCreating;
            if (OpenShards(name.Account, name.Region) + shards > KinesisLimits.MaxShardsPerAccount)
                return CreateOutcome.ShardLimit;
            var row = await _catalog.AddStreamAsync(name, Now(), shards, maxRecordKib, tags, CancellationToken.None).ConfigureAwait(false);
            stream = new DataStream(row, tags);
            Streams.TryAdd(stream);
        }
        finally
        {
            _naming.Release();
        }

        await TransitionAsync(() => ActivateAsync(stream)).ConfigureAwait(false);
        return CreateOutcome.Created;
    }

    /// <summary>Deletes a stream with all its records; DELETING until they are gone. Nothing happens when that is under way already.</summary>
    public async Task DeleteAsync(DataStream stream)
    {
        if (stream.TryEnterDeleting() is not { } snapshot)
            return;
        await TransitionAsync(() => RemoveAsync(stream, snapshot)).ConfigureAwait(false);
    }

    /// <summary>Changes a stream's retention. The caller has checked the range.</summary>
    /// <returns>False when the stream is not ACTIVE.</returns>
    public async Task<bool> SetRetentionAsync(DataStream stream, int hours)
    {
        if (stream.TryEnter(StreamStatus.Active, StreamStatus.Updating) is not { } snapshot)
            return false;
        var row = snapshot.Row with { Status = StreamStatus.Active };
        try
        {
            // What is out of reach now stays so, although its bytes may still be there and the new retention would reach them.
            var changed = row with { RetentionHours = hours, TrimmedBefore = snapshot.Horizon(Now()) };
            row = await _catalog.UpdateStreamAsync(row, changed, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            stream.Publish(now => now with { Row = row });
        }

        return true;
    }

    /// <summary>Changes a stream's record limit, for new records only. The caller has checked the range.</summary>
    /// <returns>False when the stream is not ACTIVE.</returns>
    public async Task<bool> SetMaxRecordAsync(DataStream stream, int maxRecordKib)
    {
        if (stream.TryEnter(StreamStatus.Active, StreamStatus.Updating) is not { } snapshot)
            return false;
        var row = snapshot.Row with { Status = StreamStatus.Active };
        try
        {
            row = await _catalog.UpdateStreamAsync(row, row with { MaxRecordKib = maxRecordKib }, CancellationToken.None).ConfigureAwait(false);
            // Before the limit is published: a record that is let in by its size finds a bucket that can hold it.
            foreach (var shard in snapshot.Shards.Open)
                shard.Throttle.SetMaxRecordBytes(maxRecordKib * 1024);
        }
        finally
        {
            stream.Publish(now => now with { Row = row });
        }

        return true;
    }

    /// <summary>Gives back at once what has expired, instead of at the next sweep.</summary>
    public Task SweepRetentionAsync(CancellationToken cancellationToken) => _retention.SweepAsync(cancellationToken);

    /// <summary>Open shards of an account in a region, for the shard limit. A stream that is scaled counts with the most that it will have.</summary>
    public int OpenShards(string account, string region) =>
        Streams.All.Where(stream => stream.Name.Account == account && stream.Name.Region == region)
            .Sum(stream => stream.Current.ChargedShards);

    /// <summary>Stops: no new background work, what runs is finished, logs and catalog are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sweep.ConfigureAwait(false);
        await _background.DisposeAsync().ConfigureAwait(false);
        foreach (var stream in Streams.All)
        {
            if (stream.Current.Log is { } log)
                await log.DisposeAsync().ConfigureAwait(false);
        }

        await _logs.DisposeAsync().ConfigureAwait(false);
        await _catalog.DisposeAsync().ConfigureAwait(false);
        Tokens.Dispose();
        Tagging.Dispose();
        _naming.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Whether the engine stops: long work leaves what is left to the next start.</summary>
    internal bool IsStopping => _stopping.IsCancellationRequested;

    internal DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Runs the second half of a state transition: before the answer when there is no delay, else after it in the background.</summary>
    internal async Task TransitionAsync(Func<Task> change)
    {
        if (Options.TransitionDelay == TimeSpan.Zero)
            await SettleAsync(change).ConfigureAwait(false);
        else
            StartTransition(change, Options.TransitionDelay);
    }

    /// <summary>Runs the second half of a state transition in the background, however long it takes, again and again until it succeeds.</summary>
    internal void StartTransition(Func<Task> change, TimeSpan delay) => _background.Start(() => RetryAsync(change, delay));

    /// <summary>Does what the catalog has promised: now, or again and again in the background until it succeeds (a full disk, say).</summary>
    private async Task SettleAsync(Func<Task> change)
    {
        try
        {
            await change().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.TransitionPostponed(_logger, exception);
            _background.Start(() => RetryAsync(change, FirstRetry));
        }
    }

    private async Task RetryAsync(Func<Task> change, TimeSpan delay)
    {
        while (true)
        {
            // The end of the process ends the wait; the next start goes on from the catalog.
            await Task.Delay(delay, Time, _stopping.Token).ConfigureAwait(false);
            try
            {
                await change().ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                Log.TransitionPostponed(_logger, exception);
                delay = delay < FirstRetry ? FirstRetry : delay < LastRetry ? delay * 2 : LastRetry;
            }
        }
    }

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

    private int CountIn(StreamName near, StreamStatus status) =>
        Streams.All.Count(stream => stream.Name.Account == near.Account && stream.Name.Region == near.Region && stream.Current.Row.Status == status);

    private async Task OpenStreamsAsync(CancellationToken cancellationToken)
    {
        var known = await _catalog.LoadAsync(cancellationToken).ConfigureAwait(false);
        var ids = known.Select(entry => entry.Stream.Id).ToHashSet();
        foreach (var orphan in _logs.List().Where(id => !ids.Contains(id)))
        {
            // Left by a crash between removing a stream from the catalog and removing its bytes.
            Log.OrphanLogRemoved(_logger, orphan.Value);
            await _logs.DeleteAsync(orphan, cancellationToken).ConfigureAwait(false);
        }

        await Parallel.ForEachAsync(known, cancellationToken, async (entry, token) => await OpenStreamAsync(entry, token).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task OpenStreamAsync(CatalogStream entry, CancellationToken cancellationToken)
    {
        var stream = new DataStream(entry.Stream, entry.Tags);
        if (entry.Stream.Status == StreamStatus.Deleting)
        {
            Streams.TryAdd(stream);
            await SettleAsync(() => RemoveAsync(stream, stream.Current)).ConfigureAwait(false);
            return;
        }

        if (entry.Stream.Status == StreamStatus.Creating)
        {
            Streams.TryAdd(stream);
            await SettleAsync(() => ActivateAsync(stream)).ConfigureAwait(false);
            return;
        }

        var log = await _logs.OpenAsync(entry.Stream.Id, cancellationToken).ConfigureAwait(false);
        stream.Publish(now => now with
        {
            Shards = new ShardMap(entry.Shards.Select(row => ShardOf(entry.Stream, row))),
            Log = log,
            ScaledAt = entry.ScaledAt,
        });
        Streams.TryAdd(stream);
        if (entry.ScalingTarget is { } target)
        {
            Log.ScalingResumed(_logger, entry.Stream.Name.Name, target);
            Scaling.Resume(stream, target, entry.Reshard);
        }
        else if (entry.Reshard is not null)
        {
            Log.ReshardResumed(_logger, entry.Stream.Name.Name);
            await SettleAsync(() => Resharding.FinishAsync(stream, entry.Reshard)).ConfigureAwait(false);
        }
    }

    private async Task ActivateAsync(DataStream stream)
    {
        var row = stream.Current.Row;
        if (row.Status != StreamStatus.Creating)
            return;
        var log = await _logs.OpenAsync(row.Id, CancellationToken.None).ConfigureAwait(false);
        var shards = HashKeyRange.Uniform(row.InitialShards)
            .Select((range, i) => new ShardRow(new ShardId(i), range, null, null, row.CreatedAt.ToUnixTimeSeconds(), row.CreatedAt, null))
            .ToArray();
        StreamRow active;
        try
        {
            active = await _catalog.ActivateAsync(row, shards, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            // Nobody else knows the log. Left open it could neither be opened by the next try nor deleted with its stream.
            await log.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        stream.Publish(now => now with { Row = active, Shards = new ShardMap(shards.Select(shard => ShardOf(active, shard))), Log = log });
    }

    private async Task RemoveAsync(DataStream stream, DataStream.Snapshot snapshot)
    {
        // A transition that was under way may still publish; its owner cannot undo DELETING, and the row's version may have moved on.
        await _catalog.MarkDeletingAsync(stream.Id, CancellationToken.None).ConfigureAwait(false);
        if ((stream.Current.Log ?? snapshot.Log) is { } log)
            await log.DisposeAsync().ConfigureAwait(false);
        await _logs.DeleteAsync(stream.Id, CancellationToken.None).ConfigureAwait(false);
        await _naming.WaitAsync().ConfigureAwait(false);
        try
        {
            await _catalog.RemoveStreamAsync(stream.Id, CancellationToken.None).ConfigureAwait(false);
            Streams.Remove(stream);
        }
        finally
        {
            _naming.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "Log {Id} belongs to no stream any more and was removed.")]
        public static partial void OrphanLogRemoved(ILogger logger, long id);

        [LoggerMessage(2002, LogLevel.Information, "Stream {Name}: finishing the reshard that was interrupted.")]
        public static partial void ReshardResumed(ILogger logger, string name);

        [LoggerMessage(2004, LogLevel.Information, "Stream {Name}: going on with the scaling to {Target} shards that was interrupted.")]
        public static partial void ScalingResumed(ILogger logger, string name, int target);

        [LoggerMessage(2003, LogLevel.Warning, "A state transition could not be finished yet and is tried again.")]
        public static partial void TransitionPostponed(ILogger logger, Exception exception);
    }
}
