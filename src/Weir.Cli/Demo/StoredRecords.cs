using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>Reads everything that a stream holds, each shard from its beginning: the audit's own look, past the consumers.</summary>
internal static class StoredRecords
{
    // After this time a bucket of the limits is full again.
    private static readonly TimeSpan ThrottlePause = TimeSpan.FromSeconds(1);

    /// <summary>All records of all shards, shard by shard.</summary>
    public static async Task<IReadOnlyList<StoredRecord>> ReadAsync(
        KinesisClient client, string streamName, TimeProvider time, CancellationToken cancellationToken)
    {
        var shards = await StreamShards.ListAsync(client, streamName, cancellationToken).ConfigureAwait(false);
        var reads = shards.Select(shard => ReadAsync(client, streamName, shard.ShardId!, time, cancellationToken));
        var stored = await Task.WhenAll(reads).ConfigureAwait(false);
        return [.. stored.SelectMany(records => records)];
    }

    private static async Task<List<StoredRecord>> ReadAsync(
        KinesisClient client, string streamName, string shardId, TimeProvider time, CancellationToken cancellationToken)
    {
        var stored = new List<StoredRecord>();
        var request = new GetShardIteratorRequest { StreamName = streamName, ShardId = shardId, ShardIteratorType = ShardIteratorTypes.TrimHorizon };
        var iterator = (await client.GetShardIteratorAsync(request, cancellationToken).ConfigureAwait(false)).ShardIterator;
        while (iterator is not null)
        {
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

            foreach (var record in read.Records!)
                stored.Add(new StoredRecord(DemoRecord.Decode(record.Data!.Value).Number, shardId, record.SequenceNumber!));
            iterator = read.Records.Count == 0 && read.MillisBehindLatest == 0 ? null : read.NextShardIterator;
        }

        return stored;
    }
}
