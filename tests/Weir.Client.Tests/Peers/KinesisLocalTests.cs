using System.Text;
using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Client.Tests.Peers;

/// <summary>The client before kinesis-local, unchanged. It has fan-out, and nearly the whole API.</summary>
public sealed class KinesisLocalTests(KinesisLocal server) : PeerServerTests(server), IClassFixture<KinesisLocal>
{
    private readonly KinesisLocal _server = server;

    // Of the newest operations.
    private static readonly string[] Missing =
        ["CreateChannel", "DescribeChannel", "ListChannels", "UpdateChannel", "DeleteChannel", "UpdateStreamRecordDistributionStrategy"];

    protected override IEnumerable<KinesisOperation> Unknown => KinesisOperation.All.Where(operation => Missing.Contains(operation.Name));

    protected override string UnknownCode => "AccessDeniedException";

    // The first one it answers with 500 and nothing, as the fact below has it; the second one it carries out.
    protected override IReadOnlyList<string> NotRefused => ["an iterator that is none", "a split at the range's begin"];

    [Fact]
    public async Task A_failure_of_the_server_without_a_word_is_a_failure_of_the_server()
    {
        using var client = _server.Connect();
        var failure = await Assert.ThrowsAsync<KinesisException>(() => client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = "none" }, Token));
        Assert.Equal((500, true), (failure.StatusCode, failure.IsRetryable));
        Assert.NotEmpty(failure.Message);
    }

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task A_consumer_is_registered_and_gets_what_is_put(KinesisEncoding encoding)
    {
        using var client = _server.Connect(encoding);
        var stream = await _server.CreateStreamAsync(client, shards: 1);
        var arn = (await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, Token)).StreamDescriptionSummary!.StreamARN!;
        var consumer = (await client.RegisterStreamConsumerAsync(new RegisterStreamConsumerRequest { StreamARN = arn, ConsumerName = "gauge-reader" }, Token)).Consumer!;
        while ((await client.DescribeStreamConsumerAsync(new DescribeStreamConsumerRequest { ConsumerARN = consumer.ConsumerARN }, Token)).ConsumerDescription!.ConsumerStatus != "ACTIVE")
            await Task.Yield();
        Assert.Equal("gauge-reader", Assert.Single((await client.ListStreamConsumersAsync(new ListStreamConsumersRequest { StreamARN = arn }, Token)).Consumers!).ConsumerName);

        await client.PutRecordAsync(new PutRecordRequest { StreamName = stream, PartitionKey = "k", Data = "first"u8.ToArray() }, Token);
        var got = new List<string>();
        var request = new SubscribeToShardRequest
        {
            ConsumerARN = consumer.ConsumerARN,
            ShardId = "shardId-000000000000",
            StartingPosition = new StartingPosition { Type = "TRIM_HORIZON" },
        };
        await foreach (var next in client.SubscribeToShardAsync(request, Token))
        {
            Assert.NotNull(next.ContinuationSequenceNumber);
            got.AddRange(next.Records!.Select(record => Encoding.UTF8.GetString(record.Data!.Value.Span)));
            if (got.Count == 2)
                break;
            if (got.Count == 1)
                await client.PutRecordAsync(new PutRecordRequest { StreamName = stream, PartitionKey = "k", Data = "second"u8.ToArray() }, Token);
        }

        Assert.Equal(["first", "second"], got);
        await client.DeregisterStreamConsumerAsync(new DeregisterStreamConsumerRequest { ConsumerARN = consumer.ConsumerARN }, Token);
    }

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task A_stream_is_scaled_and_encrypted(KinesisEncoding encoding)
    {
        using var client = _server.Connect(encoding);
        var stream = await _server.CreateStreamAsync(client, shards: 1);
        var scaled = await client.UpdateShardCountAsync(
            new UpdateShardCountRequest { StreamName = stream, TargetShardCount = 2, ScalingType = "UNIFORM_SCALING" }, Token);
        Assert.Equal((1, 2), (scaled.CurrentShardCount, scaled.TargetShardCount));
        await PeerServer.ActiveAsync(client, stream);
        await client.StartStreamEncryptionAsync(
            new StartStreamEncryptionRequest { StreamName = stream, EncryptionType = "KMS", KeyId = "alias/aws/kinesis" }, Token);
        await PeerServer.ActiveAsync(client, stream);
        var summary = (await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, Token)).StreamDescriptionSummary!;
        Assert.Equal((2, "KMS"), (summary.OpenShardCount, summary.EncryptionType));
        Assert.True((await client.DescribeLimitsAsync(new DescribeLimitsRequest(), Token)).ShardLimit > 0);
    }
}
