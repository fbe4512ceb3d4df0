using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams;

/// <summary>Gives back what has expired: whole segments of records, and closed shards that nobody can read any more.</summary>
/// <remarks>Readers never depend on it: they skip expired records themselves. Nor do listings: they leave expired shards out.</remarks>
internal sealed partial class RetentionSweep(StreamEngine engine, StreamCatalog catalog, ILogger logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(engine.Options.RetentionSweepInterval, engine.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                await SweepAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end: nothing is half done, since each stream's step is atomic.
            return;
        }
    }

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var stream in engine.Streams.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await SweepAsync(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One stream's trouble (a failed disk, a deletion meanwhile) must not keep the others' bytes; the next sweep tries again.
                Log.SweepFailed(logger, exception, stream.Name.Name);
            }
        }
    }

    private async Task SweepAsync(DataStream stream, CancellationToken cancellationToken)
    {
        var snapshot = stream.Current;
        if (!snapshot.TakesRecords)
            return;
        var horizon = snapshot.Horizon(engine.Retained.Now());
        await snapshot.Log!.TrimAsync(horizon, cancellationToken).ConfigureAwait(false);
        var expired = snapshot.Shards.All.Where(shard => shard.ClosedAt < horizon).Select(shard => shard.Id).ToHashSet();
        if (expired.Count > 0)
            await ForgetAsync(stream, expired).ConfigureAwait(false);
    }

    private async Task ForgetAsync(DataStream stream, HashSet<ShardId> expired)
    {
        if (stream.TryBeginHousekeeping() is not { } snapshot)
            return;
        try
        {
            var row = await catalog.RemoveShardsAsync(snapshot.Row, expired, CancellationToken.None).ConfigureAwait(false);
            stream.Publish(now => now with { Row = row, Shards = now.Shards.Without(expired) });
        }
        finally
        {
            stream.EndHousekeeping();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2020, LogLevel.Warning, "Stream {Name}: the retention sweep failed and is tried again.")]
        public static partial void SweepFailed(ILogger logger, Exception exception, string name);
    }
}
