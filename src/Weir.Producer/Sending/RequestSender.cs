using System.Diagnostics;
using Weir.Client;
using Weir.Producer.Records;
using Weir.Protocol.Messages;

namespace Weir.Producer.Sending;

/// <summary>Sends a request once, and gives those records their outcomes that are stored where they belong. Thread-safe.</summary>
internal sealed class RequestSender(KinesisClient client, string stream, Outcomes outcomes, ProducerMetrics metrics, ProducerClock clock)
{
    // What a request's body has for each record besides its data and key, about.
    private const int EntryBytes = 100;

    /// <summary>Sends the request. Never throws for what the service or the way to it does: the request says it then.</summary>
    public async Task SendAsync(PutRequest request, CancellationToken stop)
    {
        var userRecords = 0;
        using var activity = ProducerTelemetry.Begin(stream, request);
        try
        {
            var dataBytes = 0;
            foreach (var record in request.Records)
            {
                dataBytes += record!.SizeInBytes + EntryBytes;
                userRecords += record.Count;
                if (record.Sent == 1)
                    metrics.Sent(record.Count, request.StartedAt - record.StartedAt);
            }

            var response = await client.SendOnceAsync(
                new PutRecordsRequest { StreamName = stream, Records = new PutEntries(request.Records) }, dataBytes, stop).ConfigureAwait(false);
            request.EndedAt = clock.Now;
            if (response.Records?.Count == request.Records.Count)
                request.Results = response.Records;
        }
        catch (KinesisException exception)
        {
            request.EndedAt = clock.Now;
            request.Failure = exception;
            activity?.SetStatus(ActivityStatusCode.Error, exception.Code);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            request.EndedAt = clock.Now;
            request.IsStopped = true;
        }

        metrics.Requested(request.EndedAt - request.StartedAt, request.Records.Count, userRecords);
        SettleStored(request);
    }

    private void SettleStored(PutRequest request)
    {
        if (request.Results is not { } results)
            return;
        PutAttempt[] attempt = [];
        for (var i = 0; i < results.Count; i++)
        {
            var record = request.Records[i]!;
            if (results[i] is not { ErrorCode: null, ShardId: { } shardId, SequenceNumber: { } sequenceNumber })
                continue;
            var foreseen = record.Lane.Shard?.Id == shardId;
            request.FoundAnotherShard |= !foreseen && record.Lane.Shard is not null;
            // A record by itself is right wherever it is: the service goes by its hash key.
            if (!foreseen && record.IsAggregated)
                continue;
            // To the millisecond, so that those that came together share it.
            var delay = TimeSpan.FromMilliseconds(Math.Floor((request.StartedAt - record.IdleSince).TotalMilliseconds));
            if (attempt.Length == 0 || attempt[0].Delay != delay)
                attempt = [new PutAttempt(delay, request.EndedAt - request.StartedAt, null, null)];
            outcomes.Stored(record, shardId, sequenceNumber, attempt);
            request.Records[i] = null;
        }
    }
}
