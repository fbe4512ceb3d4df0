using Weir.Client;
using Weir.Protocol.Aggregation;
using Weir.Protocol.Messages;
using Weir.Server;
using Record = Weir.Protocol.Messages.Record;

namespace Weir.Producer.Tests;

/// <summary>A real server in this process, in memory, and what tests ask of it.</summary>
public sealed class LocalServer : IAsyncLifetime
{
    // Of all servers of this process: the producers' metrics go by the stream's name.
    private static int _streams;

    private WeirServer? _server;

    public KinesisClient Client { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _server!.Endpoint;

    public async ValueTask InitializeAsync()
    {
        _server = await WeirServer.StartAsync(
            new WeirServerOptions { Port = 0, DataDirectory = null, EnforceLimits = false, TestControls = true }, CancellationToken.None);
        Client = new KinesisClient(new KinesisClientOptions { Endpoint = _server.Endpoint, Region = "us-east-1" });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server!.DisposeAsync();
    }

    /// <summary>A stream that nobody else has.</summary>
    public async Task<string> CreateStreamAsync(int shards)
    {
        var name = $"local-stream-{Interlocked.Increment(ref _streams)}";
        await Client.CreateStreamAsync(new CreateStreamRequest { StreamName = name, ShardCount = shards });
        await ActiveAsync(name);
        return name;
    }

    /// <summary>Takes a stream away, so that its records need no memory any more.</summary>
    public Task DeleteStreamAsync(string stream) => Client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = stream });

    /// <summary>Waits until nothing changes any more.</summary>
    public async Task ActiveAsync(string stream)
    {
        while ((await Client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }))
            .StreamDescriptionSummary!.StreamStatus != "ACTIVE")
            await Task.Yield();
    }

    /// <summary>Every shard of a stream, closed ones too.</summary>
    public async Task<IReadOnlyList<Shard>> ShardsAsync(string stream) =>
        (await Client.ListShardsAsync(new ListShardsRequest { StreamName = stream })).Shards!;

    /// <summary>Every record of a shard as it is stored.</summary>
    public async Task<List<Record>> RecordsAsync(string stream, string shardId)
    {
        var iterator = (await Client.GetShardIteratorAsync(
            new GetShardIteratorRequest { StreamName = stream, ShardId = shardId, ShardIteratorType = "TRIM_HORIZON" })).ShardIterator;
        var records = new List<Record>();
        while (iterator is not null)
        {
            var page = await Client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator });
            records.AddRange(page.Records!);
            if (page.Records!.Count == 0 && page.MillisBehindLatest == 0)
                break;
            iterator = page.NextShardIterator;
        }

        return records;
    }

    /// <summary>Every user record of a stream: aggregates are taken apart, without a look at hash keys.</summary>
    public async Task<List<(string ShardId, string SequenceNumber, int? Index, UserRecord Record)>> UserRecordsAsync(string stream)
    {
        var found = new List<(string, string, int?, UserRecord)>();
        foreach (var shard in await ShardsAsync(stream))
        {
            foreach (var record in await RecordsAsync(stream, shard.ShardId!))
            {
                if (AggregatedRecordReader.TryRead(record.Data!.Value, out var inner))
                    found.AddRange(inner.Select((one, index) => (shard.ShardId!, record.SequenceNumber!, (int?)index, one)));
                else
                    found.Add((shard.ShardId!, record.SequenceNumber!, null, new UserRecord(record.PartitionKey!, null, record.Data.Value)));
            }
        }

        return found;
    }
}
