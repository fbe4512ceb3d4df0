using System.Text.Json;
using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class PutRecordsTests
{
    private const string TwoTo128 = "340282366920938463463374607431768211456";
    private const string BadHashKey = $"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {TwoTo128}";

    [Fact]
    public async Task Results_stand_in_the_order_of_the_entries()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var answer = (await PutAsync(server, Entry("a", MaxHashKey), Entry("b", "0"), Entry("c", MaxHashKey))).Succeeded();
        Assert.Equal(["FailedRecordCount", "Records"], answer.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(0, answer.GetProperty("FailedRecordCount").GetInt32());
        var results = answer.GetProperty("Records").EnumerateArray().ToArray();
        Assert.Equal([ShardId(1), ShardId(0), ShardId(1)], results.Select(result => result.GetProperty("ShardId").GetString()));
        Assert.All(results, result => Assert.Equal(2, result.EnumerateObject().Count()));
        // One shard's entries keep their order.
        Assert.True(string.CompareOrdinal(Number(results[0]), Number(results[2])) < 0);
        Assert.Equal(["a", "c"], (await server.ReadAsync(await server.IteratorAsync("orders", shard: 1))).Texts);
    }

    [Fact]
    public async Task What_a_shard_refuses_fails_entry_by_entry_in_an_answer_of_200()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        for (var i = 0; i < 2; i++)
            (await PutAsync(server, [.. Enumerable.Repeat(Entry("x", "0"), 500)])).Succeeded();
        var answer = (await PutAsync(server, Entry("x", "0"), Entry("y", MaxHashKey), Entry("z", "0"))).Succeeded();
        Assert.Equal(2, answer.GetProperty("FailedRecordCount").GetInt32());
        var results = answer.GetProperty("Records");
        Assert.Equal(ShardId(1), results[1].GetProperty("ShardId").GetString());
        foreach (var refused in new[] { results[0], results[2] })
        {
            Assert.Equal(["ErrorCode", "ErrorMessage"], refused.EnumerateObject().Select(member => member.Name).Order());
            Assert.Equal("ProvisionedThroughputExceededException", refused.GetProperty("ErrorCode").GetString());
            Assert.Equal(RateExceeded("orders", 0), refused.GetProperty("ErrorMessage").GetString());
        }
    }

    [Fact]
    public async Task An_answer_is_200_even_when_every_entry_was_refused()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < 2; i++)
            (await PutAsync(server, [.. Enumerable.Repeat(Entry("x"), 500)])).Succeeded();
        Assert.Equal(500, (await PutAsync(server, [.. Enumerable.Repeat(Entry("x"), 500)])).Succeeded().GetProperty("FailedRecordCount").GetInt32());
    }

    [Fact]
    public async Task A_refused_entry_does_not_stop_smaller_ones_behind_it()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        var half = new string('x', 600_000);
        var answer = (await PutAsync(server, Entry(half), Entry(half), Entry("small"))).Succeeded();
        Assert.Equal([true, false, true], answer.GetProperty("Records").EnumerateArray().Select(result => result.TryGetProperty("SequenceNumber", out _)));
    }

    [Fact]
    public async Task One_entry_too_large_fails_the_whole_request()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var limit = KinesisLimits.DefaultMaxRecordBytes;
        (await PutAsync(server, Entry("good"), Entry(new string('x', limit)))).AssertInvalid(
            $"Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to {limit}");
        Assert.Empty((await server.ReadAsync(await server.IteratorAsync("orders"))).Records);
        (await PutAsync(server, Entry("good"), Entry(new string('x', limit - 1)))).Succeeded();
    }

    [Fact]
    public async Task One_explicit_hash_key_out_of_range_fails_the_whole_request()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await PutAsync(server, Entry("good"), Entry("bad", TwoTo128))).AssertInvalidArgument(BadHashKey);
        Assert.Empty((await server.ReadAsync(await server.IteratorAsync("orders"))).Records);
    }

    [Fact]
    public async Task Ten_mebibytes_with_keys_are_the_most()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var mebibyte = Entry(new string('x', KinesisLimits.DefaultMaxRecordBytes - 1));
        (await PutAsync(server, [.. Enumerable.Repeat(mebibyte, 10)])).Succeeded();
        (await PutAsync(server, [.. Enumerable.Repeat(mebibyte, 10), Entry("")])).AssertInvalidArgument("Records size exceeds 10 MB limit");
    }

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync();
        // Stream, then what the model says of any entry (key, size), then any explicit hash key, then the total.
        (await PutAsync(server, Entry("x", TwoTo128))).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        var tooLarge = Entry(new string('x', KinesisLimits.DefaultMaxRecordBytes));
        (await PutAsync(server, Entry("x", TwoTo128), tooLarge)).AssertInvalid(
            $"Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to {KinesisLimits.DefaultMaxRecordBytes}");
        (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = new object[] { Entry("x", TwoTo128), new { Data = "" } } }))
            .AssertInvalid("Value null at 'records.2.member.partitionKey' failed to satisfy constraint: Member must not be null");
        var mebibyte = Entry(new string('x', KinesisLimits.DefaultMaxRecordBytes - 1));
        (await PutAsync(server, [.. Enumerable.Repeat(mebibyte, 11), Entry("x", TwoTo128)])).AssertInvalidArgument(BadHashKey);
    }

    [Fact]
    public async Task An_entry_of_null_fails_in_all_it_needs()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("PutRecords", new { StreamName = "a b", Records = new object?[] { new { PartitionKey = "" } } })).AssertInvalid(
            "Value '' at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
            "Value null at 'records.1.member.data' failed to satisfy constraint: Member must not be null",
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }

    [Theory]
    [InlineData(0, "greater than or equal to 1")]
    [InlineData(501, "less than or equal to 500")]
    public async Task A_request_has_1_to_500_entries(int count, string range)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var reply = await PutAsync(server, [.. Enumerable.Repeat(Entry("x"), count)]);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, reply.Status);
        Assert.Matches($"^1 validation error detected: Value '\\[.*\\]' at 'records' failed to satisfy constraint: Member must have length {range}$", JsonSerializer.Deserialize<JsonElement>(reply.Body).GetProperty("message").GetString());
    }

    private static object Entry(string data, string? explicitHashKey = null) => new { Data = Bytes(data), PartitionKey = "k", ExplicitHashKey = explicitHashKey };

    private static Task<KinesisReply> PutAsync(TestServer server, params object[] entries) =>
        server.CallAsync("PutRecords", new { StreamName = "orders", Records = entries });

    private static string Number(JsonElement result) => result.GetProperty("SequenceNumber").GetString()!;
}
