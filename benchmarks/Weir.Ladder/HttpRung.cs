using System.Buffers;
using Weir.Client;
using Weir.Log;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;
using Weir.Server;

namespace Weir.Ladder;

/// <summary>The whole server over a socket, in this process. The client is a socket and prepared bytes: what is measured is the server's.</summary>
internal sealed class HttpRung : IRung
{
    public const string Name = "http";

    private readonly List<IDisposable> _connections = [];
    private readonly List<Step> _steps = [];
    private readonly WeirServer _server;
    private readonly KinesisClient _client;

    private HttpRung(WeirServer server)
    {
        _server = server;
        _client = new KinesisClient(new KinesisClientOptions { Endpoint = server.Endpoint });
    }

    public IReadOnlyList<Step> Steps => _steps;

    public static async Task<HttpRung> OpenAsync(DirectoryInfo directory, Durability durability)
    {
        var options = new WeirServerOptions { Port = 0, DataDirectory = directory.FullName, EnforceLimits = false, Durability = durability };
        var rung = new HttpRung(await WeirServer.StartAsync(options, CancellationToken.None).ConfigureAwait(false));
        await rung._client.CreateStreamAsync(new CreateStreamRequest { StreamName = Workload.Stream, ShardCount = Workload.Shards }).ConfigureAwait(false);
        await rung._client.CreateStreamAsync(new CreateStreamRequest { StreamName = Workload.PageStream, ShardCount = 1 }).ConfigureAwait(false);
        var iterator = await rung.FillPagesAsync().ConfigureAwait(false);
        foreach (var codec in new[] { WireCodec.Json, WireCodec.Cbor })
        {
            rung.AddPutsAndPages(codec, iterator);
            await rung.AddEventsAsync(codec).ConfigureAwait(false);
        }

        return rung;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _client.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<string> FillPagesAsync()
    {
        var connection = Connect();
        var fill = connection.Request(WireCodec.Json, KinesisOperation.PutRecords, Workload.PutRecords(WireCodec.Json, Workload.PageStream));
        for (var stored = 0; stored < Workload.PageRecords; stored += Workload.BatchRecords)
            connection.Exchange(fill);
        var answer = await _client.GetShardIteratorAsync(new GetShardIteratorRequest
        {
            StreamName = Workload.PageStream, ShardId = "shardId-000000000000", ShardIteratorType = ShardIteratorTypes.TrimHorizon,
        }).ConfigureAwait(false);
        return answer.ShardIterator!;
    }

    private void AddPutsAndPages(WireCodec codec, string iterator)
    {
        var connection = Connect();
        var one = connection.Request(codec, KinesisOperation.PutRecord, Workload.PutRecord(codec, Workload.Stream));
        var batch = connection.Request(codec, KinesisOperation.PutRecords, Workload.PutRecords(codec, Workload.Stream));
        var page = connection.Request(codec, KinesisOperation.GetRecords, Body(codec, new GetRecordsRequest { ShardIterator = iterator, Limit = Workload.PageRecords }));
        Add(Operations.PutRecord, codec, () => connection.Exchange(one));
        Add(Operations.PutRecords, codec, () => connection.Exchange(batch));
        Add(Operations.GetRecords, codec, () => Check.That(connection.Exchange(page) > Workload.PageRecords * Workload.RecordBytes));
    }

    // A stream for each encoding: a subscription hears of every record of its shard, also of those that the other one's step puts.
    private async Task AddEventsAsync(WireCodec codec)
    {
        var stream = $"{Workload.EventStream}-{Workload.NameOf(codec)}";
        await _client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = 1 }).ConfigureAwait(false);
        var arn = (await _client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }).ConfigureAwait(false)).StreamDescriptionSummary!.StreamARN;
        var registered = await _client.SendAsync(new RegisterStreamConsumerRequest { StreamARN = arn, ConsumerName = "ladder" }).ConfigureAwait(false);
        var consumer = registered.Consumer!.ConsumerARN!;
        var connection = Connect();
        var put = connection.Request(codec, KinesisOperation.PutRecord, Workload.PutRecord(codec, stream));
        var events = new EventConnection(_server.Endpoint);
        _connections.Add(events);
        events.Subscribe(connection.Request(codec, KinesisOperation.SubscribeToShard, Body(codec, new SubscribeToShardRequest
        {
            ConsumerARN = consumer, ShardId = "shardId-000000000000", StartingPosition = new StartingPosition { Type = ShardIteratorTypes.TrimHorizon },
        })));
        Add(Operations.SubscribeToShard, codec, () =>
        {
            connection.Exchange(put);
            events.WaitForRecord();
        });
    }

    private void Add(string operation, WireCodec codec, Action run) => _steps.Add(new Step(new StepName(Name, operation, Workload.NameOf(codec)), () =>
    {
        run();
        return ValueTask.CompletedTask;
    }));

    private ExchangeConnection Connect()
    {
        var connection = new ExchangeConnection(_server.Endpoint);
        _connections.Add(connection);
        return connection;
    }

    private static byte[] Body<T>(WireCodec codec, T message)
        where T : class, IWireMessage<T>
    {
        var body = new ArrayBufferWriter<byte>();
        message.Write(codec.CreateWriter(body));
        return body.WrittenSpan.ToArray();
    }
}
