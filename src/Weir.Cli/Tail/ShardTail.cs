using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tail;

/// <summary>Why the reading of a shard ended.</summary>
internal enum ShardTailEnd
{
    /// <summary>The shard is closed and everything in it was read.</summary>
    ShardClosed,

    /// <summary>Everything that was there when reading began was read.</summary>
    CaughtUp,

    /// <summary>No more records are wanted.</summary>
    Enough,
}

/// <summary>What all shards of one tail have in common.</summary>
/// <param name="Client">Reads.</param>
/// <param name="Stream">The stream's name.</param>
/// <param name="Sink">Takes the records.</param>
/// <param name="Follow">Whether to wait for what is still to come.</param>
/// <param name="Reads">Bounds how many answers are in memory at once.</param>
/// <param name="Time">The clock.</param>
internal sealed record TailContext(KinesisClient Client, string Stream, RecordSink Sink, bool Follow, SemaphoreSlim Reads, TimeProvider Time);

/// <summary>Reads one shard from a position on.</summary>
internal sealed class ShardTail(TailContext context, string shard, StartPosition from)
{
    // A shard allows five reads a second (spec section 6.2): who has caught up asks no more often.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    // After a throttle: a shard's bucket is full again after a second.
    private static readonly TimeSpan ThrottlePause = TimeSpan.FromSeconds(1);

    private readonly DateTimeOffset _began = context.Time.GetUtcNow();
    private string? _lastSequenceNumber;
    private bool _paced;

    // The server's time when we began, as far as its answers tell; what arrived later was not there yet.
    private DateTimeOffset? _serverBegan;

    /// <summary>The children, once the shard was read to its end and the server named them.</summary>
    public IReadOnlyList<ChildShard> Children { get; private set; } = [];

    /// <summary>The shard.</summary>
    public string Shard => shard;

    /// <summary>Reads until the shard ends, or until everything is read, or without end.</summary>
    /// <exception cref="KinesisException">Refused, or not reached.</exception>
    public async Task<ShardTailEnd> RunAsync(CancellationToken cancellationToken)
    {
        var iterator = await OpenAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var started = context.Time.GetTimestamp();
            var (response, wait) = await ReadAsync(iterator, cancellationToken).ConfigureAwait(false);
            if (response is null)
            {
                // Throttled, or the iterator was too old and has to be made anew.
                await Task.Delay(wait, context.Time, cancellationToken).ConfigureAwait(false);
                if (wait == TimeSpan.Zero)
                    iterator = await OpenAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (!Write(response))
                return ShardTailEnd.Enough;
            if (string.IsNullOrEmpty(response.NextShardIterator))
            {
                Children = response.ChildShards ?? [];
                return ShardTailEnd.ShardClosed;
            }

            if (!context.Follow && HasCaughtUp(response))
                return ShardTailEnd.CaughtUp;
            iterator = response.NextShardIterator;
            if (_paced || response.MillisBehindLatest is null or 0 || response.Records is not { Count: > 0 })
                await PauseAsync(started, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> OpenAsync(CancellationToken cancellationToken)
    {
        var request = _lastSequenceNumber is { } last
            ? new GetShardIteratorRequest { StreamName = context.Stream, ShardId = shard, ShardIteratorType = ShardIteratorTypes.AfterSequenceNumber, StartingSequenceNumber = last }
            : new GetShardIteratorRequest { StreamName = context.Stream, ShardId = shard, ShardIteratorType = from.Type, Timestamp = from.Time };
        var response = await context.Client.GetShardIteratorAsync(request, cancellationToken).ConfigureAwait(false);
        return response.ShardIterator ?? throw new CommandFailure($"The server gave no iterator for {shard}.");
    }

    // A null answer says to wait that long and try again; without a wait the iterator is no longer good.
    private async Task<(GetRecordsResponse? Response, TimeSpan Wait)> ReadAsync(string iterator, CancellationToken cancellationToken)
    {
        await context.Reads.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return (await context.Client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator }, cancellationToken).ConfigureAwait(false), default);
        }
        catch (KinesisThroughputExceededException)
        {
            _paced = true;
            return (null, ThrottlePause);
        }
        catch (KinesisExpiredIteratorException)
        {
            // Only after minutes without a read, as when the process was stopped. Of LATEST nothing was read yet: what came since
            // then is what was asked for.
            if (_lastSequenceNumber is null && from.Type == ShardIteratorTypes.Latest)
                from = new StartPosition(ShardIteratorTypes.AtTimestamp, _began);
            return (null, TimeSpan.Zero);
        }
        finally
        {
            context.Reads.Release();
        }
    }

    private bool Write(GetRecordsResponse response)
    {
        if (response.Records is not { Count: > 0 } records)
            return true;
        var wanted = context.Sink.Write(shard, records);
        _lastSequenceNumber = records[^1].SequenceNumber;
        return wanted;
    }

    // Against a steady load MillisBehindLatest never becomes 0, so a record that arrived after we began will do too. Both times
    // are the server's: its clock is the last record's arrival plus how far behind that is.
    private bool HasCaughtUp(GetRecordsResponse response)
    {
        if (response.MillisBehindLatest is null or 0)
            return true;
        if (response.Records is not { Count: > 0 } records || records[^1].ApproximateArrivalTimestamp is not { } arrived)
            return false;
        _serverBegan ??= arrived + TimeSpan.FromMilliseconds(response.MillisBehindLatest.Value) - (context.Time.GetUtcNow() - _began);
        return arrived > _serverBegan;
    }

    private async Task PauseAsync(long started, CancellationToken cancellationToken)
    {
        var rest = Pace - context.Time.GetElapsedTime(started);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, context.Time, cancellationToken).ConfigureAwait(false);
    }
}
