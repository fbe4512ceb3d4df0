using Weir.Client;
using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>How a reader came to its end.</summary>
/// <param name="ShardId">Its shard.</param>
/// <param name="Children">The shards that go on where this one was closed; none when it is still open.</param>
internal sealed record ShardEnd(string ShardId, IReadOnlyList<ChildShard> Children);

/// <summary>Reads one shard from its beginning: polls as often as Kinesis allows, and waits when it is throttled.</summary>
internal sealed class DemoShardReader(
    KinesisClient client, string streamName, string shardId, RecordProcessing processing, DemoFigures figures, TimeProvider time)
{
    // Kinesis allows five reads a second and shard.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1) / KinesisLimits.ShardReadsPerSecond;

    // After this time a bucket of the limits is full again.
    private static readonly TimeSpan ThrottlePause = TimeSpan.FromSeconds(1);

    // Belong to the loop of RunAsync.
    private string? _lastSequenceNumber;
    private long? _lastRead;

    /// <summary>Reads until the shard is closed and read to its end, or, after the last record, until there is nothing behind.</summary>
    /// <param name="lastRecord">Completes when no record will be put and no shard will be split any more.</param>
    /// <param name="cancellationToken">Ends the reading between two requests, or one of them.</param>
    public async Task<ShardEnd> RunAsync(Task lastRecord, CancellationToken cancellationToken)
    {
        var iterator = await IteratorAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            await PaceAsync(cancellationToken).ConfigureAwait(false);
            // Asked before the read: what is put while the read is under way would be missing in it.
            var isLast = lastRecord.IsCompletedSuccessfully;
            GetRecordsResponse read;
            try
            {
                read = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator }, cancellationToken).ConfigureAwait(false);
            }
            catch (KinesisThroughputExceededException)
            {
                await Task.Delay(ThrottlePause, time, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (KinesisExpiredIteratorException)
            {
                // The process was asleep for five minutes.
                iterator = await IteratorAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            var records = read.Records!;
            processing.Process(shardId, records);
            if (records.Count > 0)
                _lastSequenceNumber = records[^1].SequenceNumber;
            if (read.NextShardIterator is null)
            {
                figures.ReadToEnd(shardId);
                return new ShardEnd(shardId, read.ChildShards ?? []);
            }

            if (isLast && records.Count == 0 && read.MillisBehindLatest == 0)
                return new ShardEnd(shardId, []);
            iterator = read.NextShardIterator;
        }
    }

    private async Task<string> IteratorAsync(CancellationToken cancellationToken)
    {
        var answer = await client.GetShardIteratorAsync(
            new GetShardIteratorRequest
            {
                StreamName = streamName,
                ShardId = shardId,
                ShardIteratorType = _lastSequenceNumber is null ? ShardIteratorTypes.TrimHorizon : ShardIteratorTypes.AfterSequenceNumber,
                StartingSequenceNumber = _lastSequenceNumber,
            },
            cancellationToken).ConfigureAwait(false);
        return answer.ShardIterator!;
    }

    private async Task PaceAsync(CancellationToken cancellationToken)
    {
        if (_lastRead is { } last && Interval - time.GetElapsedTime(last) is { Ticks: > 0 } wait)
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        _lastRead = time.GetTimestamp();
    }
}
