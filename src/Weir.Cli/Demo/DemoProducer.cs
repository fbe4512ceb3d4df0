using Weir.Client;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>
/// Puts the trace's rows into the stream when they are due. What is due together travels together; of each key one record is in
/// flight at most, and only what was refused is sent again, so that the order of a key survives throttles and reshards.
/// </summary>
/// <param name="client">Must not retry by itself: a put whose answer was lost may be stored, and sending it again would store it twice.</param>
/// <param name="streamName">The stream.</param>
/// <param name="rows">The trace.</param>
/// <param name="clock">The pace.</param>
/// <param name="figures">Learns of every acknowledgement and refusal.</param>
/// <param name="time">The clock.</param>
internal sealed class DemoProducer(
    KinesisClient client, string streamName, IReadOnlyList<TraceRow> rows, ReplayClock clock, DemoFigures figures, TimeProvider time)
{
    // While some requests wait for the disk others can be written; beyond a handful a request only waits in another place.
    private const int MaxRequestsInFlight = 8;

    // With the pauses of the backlog more than half a minute, and no throttle lasts so long; and about four seconds for a failure, which
    // may be a reshard that took its time.
    private const int MaxThrottles = 50, MaxFailures = 8;

    // What comes due within this time shares a request. At 60 times the speed that is three or four records.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly TaskCompletionSource _halfWay = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Both belong to the loop of RunAsync.
    private readonly KeyedBacklog _backlog = new();
    private readonly List<Task<PutAnswer>> _requests = [];
    private readonly List<Acknowledgement> _acknowledged = [];

    /// <summary>Completes when half of the rows are acknowledged.</summary>
    public Task HalfWay => _halfWay.Task;

    /// <summary>Replays the whole trace.</summary>
    /// <returns>What the server acknowledged, in the order of the acknowledgements.</returns>
    /// <exception cref="KinesisException">A request failed as a whole.</exception>
    /// <exception cref="CommandFailure">A record was refused again and again.</exception>
    public async Task<IReadOnlyList<Acknowledgement>> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await ReplayAsync(stop.Token).ConfigureAwait(false);
            return _acknowledged;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll((IEnumerable<Task>)_requests).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var next = 0;
        var lastSent = -Gathering;
        while (_acknowledged.Count < rows.Count)
        {
            var now = clock.Elapsed;
            while (next < rows.Count && clock.DueAt(rows[next].Time) <= now)
                _backlog.Add(rows[next++]);
            if (_requests.Count < MaxRequestsInFlight && now - lastSent >= Gathering
                && _backlog.Take(KinesisLimits.MaxPutRecordsEntries, now) is { Count: > 0 } batch)
            {
                lastSent = now;
                _requests.Add(PutAsync(batch, cancellationToken));
            }

            var pause = Task.Delay(Gathering, time, cancellationToken);
            await (_requests.Count == 0 ? pause : Task.WhenAny([pause, .. _requests])).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            await SettleAnsweredAsync().ConfigureAwait(false);
        }
    }

    private async Task<PutAnswer> PutAsync(List<TraceRow> batch, CancellationToken cancellationToken)
    {
        var entries = batch.ConvertAll(row => new PutRecordsRequestEntry { Data = DemoRecord.Encode(row), PartitionKey = row.Tenant });
        var started = time.GetTimestamp();
        try
        {
            var response = await client.PutRecordsAsync(
                new PutRecordsRequest { StreamName = streamName, Records = entries }, cancellationToken).ConfigureAwait(false);
            return new PutAnswer(batch, entries, response.Records!, time.GetElapsedTime(started));
        }
        catch (KinesisThroughputExceededException exception)
        {
            // Refused as a whole, so nothing of it is stored: the same as a refusal of every record.
            var refusal = new PutRecordsResultEntry { ErrorCode = exception.Code, ErrorMessage = exception.Message };
            return new PutAnswer(batch, entries, [.. batch.Select(_ => refusal)], time.GetElapsedTime(started));
        }
    }

    private async Task SettleAnsweredAsync()
    {
        for (var i = _requests.Count - 1; i >= 0; i--)
        {
            if (!_requests[i].IsCompleted)
                continue;
            var answer = await _requests[i].ConfigureAwait(false);
            _requests.RemoveAt(i);
            Settle(answer);
        }

        if (_acknowledged.Count >= rows.Count / 2)
            _halfWay.TrySetResult();
    }

    private void Settle(PutAnswer answer)
    {
        var now = clock.Elapsed;
        for (var i = 0; i < answer.Rows.Count; i++)
        {
            var (row, result) = (answer.Rows[i], answer.Results[i]);
            if (result.ErrorCode is null)
            {
                _backlog.Acknowledge(row);
                _acknowledged.Add(new Acknowledgement(row.Number, result.ShardId!, result.SequenceNumber!));
                figures.Acknowledged(result.ShardId!, row.Tenant, answer.Entries[i].Data!.Value.Length, answer.Latency);
            }
            else
            {
                figures.Refused();
                var most = result.ErrorCode == ErrorCodes.ProvisionedThroughputExceeded ? MaxThrottles : MaxFailures;
                if (_backlog.Refuse(row, now) is var refusals && refusals >= most)
                    throw new CommandFailure($"Row {row.Number} was refused {refusals} times, at last with {result.ErrorCode}: {result.ErrorMessage}");
            }
        }
    }

    private sealed record PutAnswer(
        List<TraceRow> Rows, List<PutRecordsRequestEntry> Entries, IReadOnlyList<PutRecordsResultEntry> Results, TimeSpan Latency);
}
