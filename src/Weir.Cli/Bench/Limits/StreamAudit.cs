using System.Text;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Model;
using Weir.Protocol.Aggregation;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench.Limits;

/// <summary>Reads all that a stream holds: for the ledger, and for what the shards have taken by their own clock.</summary>
internal sealed class StreamAudit(KinesisClient client, string stream, RecordLedger ledger, TimeProvider time)
{
    // Five reads a second are what a shard allows.
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(210);

    private long _records;
    private long _bytes;
    private long _read;

    /// <summary>Records of the stream that were read, for a line of progress.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Reads.</summary>
    /// <param name="from">The beginning of what is measured.</param>
    /// <param name="duration">How long it was.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<StoredBytes> RunAsync(DateTimeOffset from, TimeSpan duration, CancellationToken stop)
    {
        var shards = await StreamState.ShardsAsync(client, stream, filter: null, stop).ConfigureAwait(false);
        await Task.WhenAll(shards.Select(shard => ReadAsync(shard.ShardId!, from, duration, stop))).ConfigureAwait(false);
        var average = (double)_bytes / Math.Max(1, _records);
        var perSecond = Math.Min(KinesisLimits.ShardWriteBytesPerSecond, KinesisLimits.ShardWriteRecordsPerSecond * average);
        return new StoredBytes(_records, _bytes, perSecond * shards.Count * duration.TotalSeconds);
    }

    private async Task ReadAsync(string shardId, DateTimeOffset from, TimeSpan duration, CancellationToken stop)
    {
        var request = new GetShardIteratorRequest { StreamName = stream, ShardId = shardId, ShardIteratorType = ShardIteratorTypes.TrimHorizon };
        var iterator = (await client.GetShardIteratorAsync(request, stop).ConfigureAwait(false)).ShardIterator;
        while (iterator is not null)
        {
            GetRecordsResponse page;
            try
            {
                page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator }, stop).ConfigureAwait(false);
            }
            catch (KinesisThroughputExceededException)
            {
                await Task.Delay(ReadInterval, time, stop).ConfigureAwait(false);
                continue;
            }

            lock (ledger)
            {
                foreach (var record in page.Records ?? [])
                    Count(record, from, from + duration);
            }

            iterator = page.Records is { Count: > 0 } || page.MillisBehindLatest > 0 ? page.NextShardIterator : null;
            await Task.Delay(ReadInterval, time, stop).ConfigureAwait(false);
        }
    }

    private void Count(Record record, DateTimeOffset from, DateTimeOffset until)
    {
        _read++;
        var data = record.Data ?? ReadOnlyMemory<byte>.Empty;
        if (record.ApproximateArrivalTimestamp is { } arrival && arrival >= from && arrival < until)
        {
            _records++;
            _bytes += data.Length + Encoding.UTF8.GetByteCount(record.PartitionKey ?? "");
        }

        if (!AggregatedRecordReader.TryRead(data, out var userRecords))
        {
            ledger.See(data.Span);
            return;
        }

        foreach (var userRecord in userRecords)
            ledger.See(userRecord.Data.Span);
    }
}
