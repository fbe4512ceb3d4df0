using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams;

/// <summary>Brings streams into being, opens them at the start, and deletes them.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class StreamLifecycle : IDisposable
{
    private readonly StreamEngine _engine;
    private readonly StreamCatalog _catalog;
    private readonly ILogStore _logs;
    private readonly Transitions _transitions;
    private readonly ILogger _logger;

    // Names are given out and freed one at a time: the catalog and the registry then always agree. Held across catalog I/O.
    private readonly SemaphoreSlim _naming = new(1, 1);

    internal StreamLifecycle(StreamEngine engine, StreamCatalog catalog, ILogStore logs, Transitions transitions, ILogger logger) =>
        (_engine, _catalog, _logs, _transitions, _logger) = (engine, catalog, logs, transitions, logger);

    /// <summary>Creates a stream; CREATING until its log is open and its shards are there.</summary>
    /// <param name="stream">What it shall be.</param>
    /// <param name="cancellationToken">Ends the wait for the turn; once the stream is in the catalog it gets finished.</param>
    public async Task<CreateOutcome> CreateAsync(NewStream stream, CancellationToken cancellationToken)
    {
        DataStream created;
        await _naming.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var name = stream.Name;
            if (_engine.Streams.Find(name) is not null)
                return CreateOutcome.AlreadyExists;
            if (CountIn(name, StreamStatus.Creating) >= KinesisLimits.MaxStreamsCreating)
                return CreateOutcome.TooManyCreating;
            // A difference, for a sum of what is asked for may pass the largest number that there is.
            if (stream.Shards > KinesisLimits.MaxShardsPerAccount - _engine.OpenShards(name.Account, name.Region))
                return CreateOutcome.ShardLimit;
            if (stream.Mode == StreamMode.OnDemand && _engine.OnDemandStreams(name.Account, name.Region) >= KinesisLimits.MaxOnDemandStreams)
                return CreateOutcome.TooManyOnDemand;
            var row = await _catalog.AddStreamAsync(stream, _engine.Now(), CancellationToken.None).ConfigureAwait(false);
            created = new DataStream(row, stream.Tags);
            _engine.Streams.TryAdd(created);
        }
        finally
        {
            _naming.Release();
        }

        await _transitions.RunAsync(() => ActivateAsync(created)).ConfigureAwait(false);
        return CreateOutcome.Created;
    }

    /// <summary>Deletes a stream with all its records; DELETING until they are gone. Nothing happens when that is under way already.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="evenWithConsumers">Whether its consumers go with it.</param>
    /// <returns>False when the stream has consumers and they shall not go; nothing happens then.</returns>
    public async Task<bool> DeleteAsync(DataStream stream, bool evenWithConsumers)
    {
        if (stream.TryEnterDeleting(evenWithConsumers) is not { } snapshot)
            return stream.Current.Row.Status == StreamStatus.Deleting;
        await _transitions.RunAsync(() => RemoveAsync(stream, snapshot)).ConfigureAwait(false);
        return true;
    }

    /// <summary>No change may be under way.</summary>
    public void Dispose() => _naming.Dispose();

    /// <summary>Opens everything that the catalog knows and finishes what a crash interrupted.</summary>
    internal async Task OpenAllAsync(CancellationToken cancellationToken)
    {
        var known = await _catalog.LoadAsync(cancellationToken).ConfigureAwait(false);
        var ids = known.Select(entry => entry.Stream.Id).ToHashSet();
        foreach (var orphan in _logs.List().Where(id => !ids.Contains(id)))
        {
            // Left by a crash between removing a stream from the catalog and removing its bytes.
            Log.OrphanLogRemoved(_logger, orphan.Value);
            await _logs.DeleteAsync(orphan, cancellationToken).ConfigureAwait(false);
        }

        await Parallel.ForEachAsync(known, cancellationToken, async (entry, token) => await OpenAsync(entry, token).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task OpenAsync(CatalogStream entry, CancellationToken cancellationToken)
    {
        var stream = new DataStream(entry.Stream, entry.Tags);
        stream.Publish(now => now with { Policy = entry.Policy, QuotaUses = entry.QuotaUses });
        if (entry.Stream.Status == StreamStatus.Deleting)
        {
            _engine.Streams.TryAdd(stream);
            await _transitions.SettleAsync(() => RemoveAsync(stream, stream.Current)).ConfigureAwait(false);
            return;
        }

        if (entry.Stream.Status == StreamStatus.Creating)
        {
            _engine.Streams.TryAdd(stream);
            await _transitions.SettleAsync(() => ActivateAsync(stream)).ConfigureAwait(false);
            return;
        }

        var log = await _logs.OpenAsync(entry.Stream.Id, cancellationToken).ConfigureAwait(false);
        stream.Publish(now => now with { Shards = new ShardMap(entry.Shards.Select(row => _engine.ShardOf(entry.Stream, row))), Log = log });
        _engine.Streams.TryAdd(stream);
        await _engine.Consumers.OpenAsync(stream, entry.Consumers).ConfigureAwait(false);
        if (entry.Stream.Mode == StreamMode.OnDemand || entry.WritePeaks.Count > 0)
            _engine.OnDemand.Open(stream, entry.WritePeaks);
        if (entry.ScalingTarget is { } target)
        {
            Log.ScalingResumed(_logger, entry.Stream.Name.Name, target);
            _engine.Scaling.Resume(stream, target, entry.Reshard);
        }
        else if (entry.Reshard is not null)
        {
            Log.ReshardResumed(_logger, entry.Stream.Name.Name);
            await _transitions.SettleAsync(() => _engine.Resharding.FinishAsync(stream, entry.Reshard)).ConfigureAwait(false);
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

        stream.Publish(now => now with { Row = active, Shards = new ShardMap(shards.Select(shard => _engine.ShardOf(active, shard))), Log = log });
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
            _engine.Streams.Remove(stream);
        }
        finally
        {
            _naming.Release();
        }
    }

    private int CountIn(StreamName near, StreamStatus status) => _engine.Streams.All.Count(
        stream => stream.Name.Account == near.Account && stream.Name.Region == near.Region && stream.Current.Row.Status == status);

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "Log {Id} belongs to no stream any more and was removed.")]
        public static partial void OrphanLogRemoved(ILogger logger, long id);

        [LoggerMessage(2002, LogLevel.Information, "Stream {Name}: finishing the reshard that was interrupted.")]
        public static partial void ReshardResumed(ILogger logger, string name);

        [LoggerMessage(2004, LogLevel.Information, "Stream {Name}: going on with the scaling to {Target} shards that was interrupted.")]
        public static partial void ScalingResumed(ILogger logger, string name, int target);
    }
}
