using System.Text;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Record = Weir.Protocol.Messages.Record;

namespace Weir.Client.Tests.Peers;

/// <summary>What every server of the API does: streams come and go, records go in and out, shards are split and merged, and wrong requests are refused.</summary>
public abstract class PeerServerTests(PeerServer server)
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The API's operations that the server does not know.</summary>
    protected abstract IEnumerable<KinesisOperation> Unknown { get; }

    /// <summary>The text that it refuses them with. AWS has none.</summary>
    protected abstract string UnknownCode { get; }

    /// <summary>Whether ListShards gives at most as many as it is asked for.</summary>
    protected virtual bool ListsShardsInPages => true;

    /// <summary>Whether it understands what CBOR has and JSON has not: bytes and times.</summary>
    protected virtual bool TakesBytesAndTimesInCbor => true;

    /// <summary>Requests that AWS refuses and this server does not, or does not answer. By their names below.</summary>
    protected virtual IReadOnlyList<string> NotRefused => [];

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task A_stream_comes_into_being_is_described_and_goes(KinesisEncoding encoding)
    {
        using var client = server.Connect(encoding);
        var stream = await server.CreateStreamAsync(client, shards: 3);

        var description = (await client.DescribeStreamAsync(new DescribeStreamRequest { StreamName = stream }, Token)).StreamDescription!;
        Assert.Equal((stream, "ACTIVE", 3, 24, false), (description.StreamName, description.StreamStatus, description.Shards!.Count, description.RetentionPeriodHours, description.HasMoreShards));
        Assert.EndsWith($":stream/{stream}", description.StreamARN, StringComparison.Ordinal);
        Assert.InRange(description.StreamCreationTimestamp!.Value, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(1));
        var summary = (await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, Token)).StreamDescriptionSummary!;
        Assert.Equal((3, 24, description.StreamARN), (summary.OpenShardCount, summary.RetentionPeriodHours, summary.StreamARN));
        Assert.Contains(stream, (await client.ListStreamsAsync(new ListStreamsRequest { Limit = 100 }, Token)).StreamNames!);
        var page = await client.ListShardsAsync(new ListShardsRequest { StreamName = stream, MaxResults = 2 }, Token);
        var shards = page.Shards!.ToList();
        Assert.Equal(ListsShardsInPages ? 2 : 3, shards.Count);
        if (page.NextToken is { } token)
            shards.AddRange((await client.ListShardsAsync(new ListShardsRequest { NextToken = token }, Token)).Shards!);
        Assert.Equal(description.Shards.Select(shard => shard.ShardId), shards.Select(shard => shard.ShardId));
        Assert.Equal("340282366920938463463374607431768211455", shards[2].HashKeyRange!.EndingHashKey);

        await client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = stream }, Token);
        while ((await client.ListStreamsAsync(new ListStreamsRequest { Limit = 100 }, Token)).StreamNames!.Contains(stream))
            await Task.Yield();
        await Assert.ThrowsAsync<KinesisResourceNotFoundException>(() => client.DescribeStreamAsync(new DescribeStreamRequest { StreamName = stream }, Token));
    }

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task Tags_and_retention_are_kept(KinesisEncoding encoding)
    {
        using var client = server.Connect(encoding);
        var stream = await server.CreateStreamAsync(client, shards: 1);
        await client.AddTagsToStreamAsync(
            new AddTagsToStreamRequest { StreamName = stream, Tags = new Dictionary<string, string> { ["river"] = "rhine", ["gauge"] = "312", ["no value"] = "" } }, Token);
        await client.RemoveTagsFromStreamAsync(new RemoveTagsFromStreamRequest { StreamName = stream, TagKeys = ["gauge"] }, Token);
        var tags = await client.ListTagsForStreamAsync(new ListTagsForStreamRequest { StreamName = stream }, Token);
        Assert.Equal([("no value", ""), ("river", "rhine")], tags.Tags!.Select(tag => (tag.Key!, tag.Value!)).Order());
        Assert.False(tags.HasMoreTags);

        await client.IncreaseStreamRetentionPeriodAsync(new IncreaseStreamRetentionPeriodRequest { StreamName = stream, RetentionPeriodHours = 48 }, Token);
        await PeerServer.ActiveAsync(client, stream);
        Assert.Equal(48, (await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, Token)).StreamDescriptionSummary!.RetentionPeriodHours);
        await client.DecreaseStreamRetentionPeriodAsync(new DecreaseStreamRetentionPeriodRequest { StreamName = stream, RetentionPeriodHours = 25 }, Token);
        await PeerServer.ActiveAsync(client, stream);
        Assert.Equal(25, (await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, Token)).StreamDescriptionSummary!.RetentionPeriodHours);
    }

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task Records_come_back_by_every_kind_of_iterator(KinesisEncoding encoding)
    {
        using var client = server.Connect(encoding);
        var stream = await server.CreateStreamAsync(client, shards: 2);
        const string Shard = "shardId-000000000000";
        byte[] bytes = [0, 1, 0xF3, 0xFF, 0x80];
        var latest = await IteratorAsync(client, stream, Shard, "LATEST");
        using var writer = server.Connect(TakesBytesAndTimesInCbor ? encoding : KinesisEncoding.Json);
        // Shard 0, by the first hash key.
        var first = await writer.PutRecordAsync(new PutRecordRequest { StreamName = stream, PartitionKey = "Rhône", ExplicitHashKey = "0", Data = bytes }, Token);
        var others = await writer.PutRecordsAsync(
            new PutRecordsRequest
            {
                StreamName = stream,
                Records =
                [
                    new PutRecordsRequestEntry { PartitionKey = "b", ExplicitHashKey = "7", Data = "second"u8.ToArray() },
                    new PutRecordsRequestEntry { PartitionKey = "c", ExplicitHashKey = "340282366920938463463374607431768211455", Data = "elsewhere"u8.ToArray() },
                    new PutRecordsRequestEntry { PartitionKey = "d", ExplicitHashKey = "8", Data = Array.Empty<byte>() },
                ],
            }, Token);
        Assert.Equal((Shard, 0), (first.ShardId, others.FailedRecordCount));
        Assert.Equal([Shard, "shardId-000000000001", Shard], others.Records!.Select(record => record.ShardId));
        Assert.All(others.Records!, record => Assert.Null(record.ErrorCode));

        var all = await ReadAsync(client, await IteratorAsync(client, stream, Shard, "TRIM_HORIZON"), 3);
        Assert.Equal(["Rhône", "b", "d"], all.Select(record => record.PartitionKey));
        Assert.Equal([first.SequenceNumber, others.Records![0].SequenceNumber, others.Records[2].SequenceNumber], all.Select(record => record.SequenceNumber));
        Assert.Equal([Convert.ToHexString(bytes), Convert.ToHexString("second"u8), ""], all.Select(record => Convert.ToHexString(record.Data!.Value.Span)));
        Assert.All(all, record => Assert.InRange(record.ApproximateArrivalTimestamp!.Value, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(1)));

        var begin = all[0].ApproximateArrivalTimestamp!.Value.AddSeconds(-1);
        Assert.Equal(3, (await ReadAsync(client, await IteratorAsync(writer, stream, Shard, "AT_TIMESTAMP", timestamp: begin), 3)).Count);
        Assert.Equal(3, (await ReadAsync(client, latest, 3)).Count);
        Assert.Equal(3, (await ReadAsync(client, await IteratorAsync(client, stream, Shard, "AT_SEQUENCE_NUMBER", first.SequenceNumber), 3)).Count);
        var after = await ReadAsync(client, await IteratorAsync(client, stream, Shard, "AFTER_SEQUENCE_NUMBER", first.SequenceNumber), 2);
        Assert.Equal(["b", "d"], after.Select(record => record.PartitionKey));
        var page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = await IteratorAsync(client, stream, Shard, "TRIM_HORIZON"), Limit = 1 }, Token);
        Assert.Equal("Rhône", Assert.Single(page.Records!).PartitionKey);
        Assert.Equal(["b", "d"], (await ReadAsync(client, page.NextShardIterator!, 2)).Select(record => record.PartitionKey));
    }

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task Shards_are_split_and_merged(KinesisEncoding encoding)
    {
        using var client = server.Connect(encoding);
        var stream = await server.CreateStreamAsync(client, shards: 1);
        using var writer = server.Connect(TakesBytesAndTimesInCbor ? encoding : KinesisEncoding.Json);
        await writer.PutRecordAsync(new PutRecordRequest { StreamName = stream, PartitionKey = "k", Data = "before"u8.ToArray() }, Token);
        await client.SplitShardAsync(
            new SplitShardRequest { StreamName = stream, ShardToSplit = "shardId-000000000000", NewStartingHashKey = "170141183460469231731687303715884105728" }, Token);
        await PeerServer.ActiveAsync(client, stream);
        await client.MergeShardsAsync(
            new MergeShardsRequest { StreamName = stream, ShardToMerge = "shardId-000000000001", AdjacentShardToMerge = "shardId-000000000002" }, Token);
        await PeerServer.ActiveAsync(client, stream);

        var shards = (await client.ListShardsAsync(new ListShardsRequest { StreamName = stream }, Token)).Shards!.OrderBy(shard => shard.ShardId, StringComparer.Ordinal).ToList();
        Assert.Equal([true, true, true, false], shards.Select(shard => shard.SequenceNumberRange!.EndingSequenceNumber is not null));
        Assert.Equal([null, "shardId-000000000000", "shardId-000000000000", "shardId-000000000001"], shards.Select(shard => shard.ParentShardId));
        Assert.Equal("shardId-000000000002", shards[3].AdjacentParentShardId);
        var put = await client.PutRecordAsync(new PutRecordRequest { StreamName = stream, PartitionKey = "k", Data = "after"u8.ToArray() }, Token);
        Assert.Equal("shardId-000000000003", put.ShardId);
        // The first shard is read to its end, and there is nothing behind it.
        var iterator = await IteratorAsync(client, stream, "shardId-000000000000", "TRIM_HORIZON");
        var read = new List<Record>();
        while (iterator is not null)
        {
            var page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator }, Token);
            read.AddRange(page.Records!);
            iterator = page.NextShardIterator;
        }

        Assert.Equal("before", Encoding.UTF8.GetString(Assert.Single(read).Data!.Value.Span));
    }

    [Theory]
    [InlineData(KinesisEncoding.Json)]
    [InlineData(KinesisEncoding.Cbor)]
    public async Task What_is_refused_is_refused_with_its_type(KinesisEncoding encoding)
    {
        using var client = server.Connect(encoding);
        var stream = await server.CreateStreamAsync(client, shards: 1);
        var missing = await Assert.ThrowsAsync<KinesisResourceNotFoundException>(() => client.PutRecordAsync(
            new PutRecordRequest { StreamName = "no-such-stream", PartitionKey = "k", Data = "x"u8.ToArray() }, Token));
        Assert.Equal((400, "ResourceNotFoundException", false), (missing.StatusCode, missing.Code, missing.IsRetryable));
        Assert.Contains("no-such-stream", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<KinesisResourceNotFoundException>(() => IteratorAsync(client, stream, "shardId-000000000009", "LATEST"));
        await Assert.ThrowsAsync<KinesisResourceInUseException>(() => client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = 1 }, Token));
        var wrong = WrongRequests(client, stream);
        Assert.All(NotRefused, name => Assert.Contains(name, wrong.Keys));
        foreach (var (name, send) in wrong.Where(one => !NotRefused.Contains(one.Key)))
        {
            var refusal = await Assert.ThrowsAsync<KinesisException>(send);
            Assert.True(refusal is { StatusCode: 400, IsRetryable: false, Message.Length: > 0 }, $"{name}: {refusal}");
            Assert.Contains(refusal.Code, (string[])["InvalidArgumentException", "ValidationException"]);
        }
    }

    private static Dictionary<string, Func<Task>> WrongRequests(KinesisClient client, string stream) => new()
    {
        ["an iterator that is none"] = () => client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = "none" }, Token),
        ["a split at the range's begin"] = () => client.SplitShardAsync(
            new SplitShardRequest { StreamName = stream, ShardToSplit = "shardId-000000000000", NewStartingHashKey = "0" }, Token),
        ["a retention of an hour"] = () => client.DecreaseStreamRetentionPeriodAsync(
            new DecreaseStreamRetentionPeriodRequest { StreamName = stream, RetentionPeriodHours = 1 }, Token),
        ["a record without a key"] = () => client.PutRecordAsync(
            new PutRecordRequest { StreamName = stream, PartitionKey = "", Data = "x"u8.ToArray() }, Token),
        ["a name with a space"] = () => client.CreateStreamAsync(new CreateStreamRequest { StreamName = "no name", ShardCount = 1 }, Token),
    };

    [Fact]
    public async Task What_the_server_does_not_know_it_refuses()
    {
        using var client = server.Connect();
        foreach (var operation in Unknown)
        {
            var refusal = await Assert.ThrowsAnyAsync<KinesisException>(() => CallAsync(client, operation));
            Assert.True(refusal.Code == UnknownCode && !refusal.IsRetryable, $"{operation}: {refusal.Code} {refusal.Message}");
        }
    }

    private protected static async Task<string> IteratorAsync(
        KinesisClient client, string stream, string shard, string type, string? sequenceNumber = null, DateTimeOffset? timestamp = null) =>
        (await client.GetShardIteratorAsync(
            new GetShardIteratorRequest
            {
                StreamName = stream,
                ShardId = shard,
                ShardIteratorType = type,
                StartingSequenceNumber = sequenceNumber,
                Timestamp = timestamp,
            }, Token)).ShardIterator!;

    // Until so many are there: a page may have fewer.
    private protected static async Task<List<Record>> ReadAsync(KinesisClient client, string iterator, int count)
    {
        var records = new List<Record>();
        while (records.Count < count)
        {
            var page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator }, Token);
            records.AddRange(page.Records!);
            iterator = page.NextShardIterator!;
        }

        return records;
    }

    // Only operations that a server may not know.
    private static Task CallAsync(KinesisClient client, KinesisOperation operation) => operation.Name switch
    {
        "CreateChannel" => client.CreateChannelAsync(new CreateChannelRequest(), Token),
        "DescribeChannel" => client.DescribeChannelAsync(new DescribeChannelRequest(), Token),
        "ListChannels" => client.ListChannelsAsync(new ListChannelsRequest(), Token),
        "UpdateChannel" => client.UpdateChannelAsync(new UpdateChannelRequest(), Token),
        "DeleteChannel" => client.DeleteChannelAsync(new DeleteChannelRequest(), Token),
        "DescribeAccountSettings" => client.DescribeAccountSettingsAsync(new DescribeAccountSettingsRequest(), Token),
        "UpdateAccountSettings" => client.UpdateAccountSettingsAsync(new UpdateAccountSettingsRequest(), Token),
        "DescribeLimits" => client.DescribeLimitsAsync(new DescribeLimitsRequest(), Token),
        "DescribeStreamConsumer" => client.DescribeStreamConsumerAsync(new DescribeStreamConsumerRequest(), Token),
        "RegisterStreamConsumer" => client.RegisterStreamConsumerAsync(new RegisterStreamConsumerRequest(), Token),
        "DeregisterStreamConsumer" => client.DeregisterStreamConsumerAsync(new DeregisterStreamConsumerRequest(), Token),
        "ListStreamConsumers" => client.ListStreamConsumersAsync(new ListStreamConsumersRequest(), Token),
        "SubscribeToShard" => client.SubscribeToShardAsync(new SubscribeToShardRequest(), Token).GetAsyncEnumerator(Token).MoveNextAsync().AsTask(),
        "EnableEnhancedMonitoring" => client.EnableEnhancedMonitoringAsync(new EnableEnhancedMonitoringRequest(), Token),
        "DisableEnhancedMonitoring" => client.DisableEnhancedMonitoringAsync(new DisableEnhancedMonitoringRequest(), Token),
        "GetResourcePolicy" => client.GetResourcePolicyAsync(new GetResourcePolicyRequest(), Token),
        "PutResourcePolicy" => client.PutResourcePolicyAsync(new PutResourcePolicyRequest(), Token),
        "DeleteResourcePolicy" => client.DeleteResourcePolicyAsync(new DeleteResourcePolicyRequest(), Token),
        "ListTagsForResource" => client.ListTagsForResourceAsync(new ListTagsForResourceRequest(), Token),
        "TagResource" => client.TagResourceAsync(new TagResourceRequest(), Token),
        "UntagResource" => client.UntagResourceAsync(new UntagResourceRequest(), Token),
        "StartStreamEncryption" => client.StartStreamEncryptionAsync(new StartStreamEncryptionRequest(), Token),
        "StopStreamEncryption" => client.StopStreamEncryptionAsync(new StopStreamEncryptionRequest(), Token),
        "UpdateMaxRecordSize" => client.UpdateMaxRecordSizeAsync(new UpdateMaxRecordSizeRequest(), Token),
        "UpdateShardCount" => client.UpdateShardCountAsync(new UpdateShardCountRequest(), Token),
        "UpdateStreamMode" => client.UpdateStreamModeAsync(new UpdateStreamModeRequest(), Token),
        "UpdateStreamRecordDistributionStrategy" => client.UpdateStreamRecordDistributionStrategyAsync(new UpdateStreamRecordDistributionStrategyRequest(), Token),
        "UpdateStreamWarmThroughput" => client.UpdateStreamWarmThroughputAsync(new UpdateStreamWarmThroughputRequest(), Token),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Every server has it."),
    };
}
