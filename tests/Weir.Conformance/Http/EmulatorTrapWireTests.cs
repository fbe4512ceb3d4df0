using System.Text;
using System.Text.Json;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>What emulators of the service are known to get wrong in requests and answers themselves, each as a fact about this one.</summary>
public sealed class EmulatorTrapWireTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    // Tag 1 over an integer of eight bytes. A float in its place is read as 1970 by the Java SDK.
    private static readonly byte[] TimeInMilliseconds = [0xC1, 0x1B];

    [Trap(1)]
    [Fact]
    public async Task A_time_in_CBOR_is_a_whole_number_of_milliseconds_under_tag_1()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("cbor-time");
        await http.PutAsync("cbor-time", "k", [1]);
        var summary = await CborAsync(http, "DescribeStreamSummary", """{"StreamName":"cbor-time"}""");
        AssertTime(summary, "StreamCreationTimestamp");
        var page = await CborAsync(http, "GetRecords", JsonSerializer.Serialize(new { ShardIterator = await http.IteratorAsync("cbor-time") }));
        AssertTime(page, "ApproximateArrivalTimestamp");
    }

    [Trap(4)]
    [Fact]
    public async Task What_the_model_forbids_is_a_ValidationException_of_ten_errors_at_most_and_what_it_cannot_know_is_not()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        (await http.CallAsync("GetShardIterator", """{"StreamName":"s","ShardId":"0","ShardIteratorType":"OLDEST"}""")).AssertRefused(
            "ValidationException",
            "1 validation error detected: Value 'OLDEST' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]");
        var twelve = await http.CallAsync("PutRecords", new { StreamName = "s", Records = Enumerable.Repeat(new { }, 12) });
        var message = twelve.AssertRefusedAs("ValidationException");
        Assert.StartsWith("10 validation errors detected: Value null at 'records.1.member.data' failed to satisfy constraint: Member must not be null; ", message, StringComparison.Ordinal);
        Assert.Equal(10, message.Split("; ").Length);
        (await http.CallAsync("GetRecords", """{"ShardIterator":"AAAA"}""")).AssertRefused("InvalidArgumentException", "Invalid ShardIterator.");
    }

    [Trap(6)]
    [Fact]
    public async Task An_encryption_type_is_told_of_streams_and_not_of_records_that_have_none()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("plain");
        var put = (await http.CallAsync("PutRecord", """{"StreamName":"plain","PartitionKey":"k","Data":""}""")).Succeeded().Json;
        Assert.Equal(["SequenceNumber", "ShardId"], put.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        var batch = (await http.CallAsync("PutRecords", """{"StreamName":"plain","Records":[{"PartitionKey":"k","Data":""}]}""")).Succeeded().Json;
        Assert.Equal(["FailedRecordCount", "Records"], batch.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.All(await http.ReadAllAsync("plain"), record => Assert.False(record.TryGetProperty("EncryptionType", out _)));
        foreach (var (operation, output) in new[] { ("DescribeStream", "StreamDescription"), ("DescribeStreamSummary", "StreamDescriptionSummary") })
            Assert.Equal("NONE", (await http.CallAsync(operation, """{"StreamName":"plain"}""")).Succeeded().Json.GetProperty(output).GetProperty("EncryptionType").GetString());
    }

    [Trap(13)]
    [Fact]
    public async Task A_missing_shard_has_one_text_for_reads_and_another_for_reshards()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("missing-shard");
        (await http.CallAsync("GetShardIterator", """{"StreamName":"missing-shard","ShardId":"x-7","ShardIteratorType":"LATEST"}""")).AssertRefused(
            "ResourceNotFoundException", "Shard shardId-000000000007 in stream missing-shard under account 000000000000 does not exist");
        (await http.CallAsync("SplitShard", """{"StreamName":"missing-shard","ShardToSplit":"x-7","NewStartingHashKey":"5"}""")).AssertRefused(
            "ResourceNotFoundException", "Could not find shard shardId-000000000007 in stream missing-shard under account 000000000000.");
        (await http.CallAsync("MergeShards", """{"StreamName":"missing-shard","ShardToMerge":"0","AdjacentShardToMerge":"seven"}""")).AssertRefused(
            "ResourceNotFoundException", "Could not find shard seven in stream missing-shard under account 000000000000.");
    }

    [Trap(21)]
    [Fact]
    public async Task Data_over_the_streams_own_limit_fails_the_whole_request_as_a_constraint()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("own-limit");
        const int limit = 1024 * 1024;
        var tooLarge = new { StreamName = "own-limit", Records = new[] { new { PartitionKey = "k", Data = new byte[1] }, new { PartitionKey = "k", Data = new byte[limit + 1] } } };
        (await http.CallAsync("PutRecords", tooLarge)).AssertRefused(
            "ValidationException", $"1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to {limit}");
        Assert.Empty(await http.ReadAllAsync("own-limit"));
        (await http.CallAsync("UpdateMaxRecordSize", """{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/own-limit","MaxRecordSizeInKiB":2048}""")).Succeeded();
        await http.UntilActiveAsync("own-limit");
        Assert.Equal(0, (await http.CallAsync("PutRecords", tooLarge)).Succeeded().Json.GetProperty("FailedRecordCount").GetInt32());
    }

    private static async Task<byte[]> CborAsync(KinesisHttp http, string operation, string body) =>
        (await http.SendAsync(HttpMethod.Post, CborText.FromJson(body), KinesisHttp.CborType, KinesisHttp.TargetPrefix + operation)).Succeeded().Body;

    private static void AssertTime(byte[] body, string member)
    {
        var name = Encoding.UTF8.GetBytes(member);
        var value = body.AsSpan(body.AsSpan().IndexOf(name) + name.Length);
        Assert.True(value.StartsWith(TimeInMilliseconds), Convert.ToHexString(body));
        var time = DateTimeOffset.FromUnixTimeMilliseconds(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(value[TimeInMilliseconds.Length..]));
        Assert.InRange(time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }
}
