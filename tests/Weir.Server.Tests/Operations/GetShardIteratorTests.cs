using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class GetShardIteratorTests
{
    private const string NoSequenceNumber = "1361129467683753853853498429727072845824";

    private const string WantsNumber =
        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {0} StartingSequenceNumber.";

    [Fact]
    public async Task An_iterator_is_an_opaque_text_of_at_most_512_characters()
    {
        await using var server = await StartAsync();
        var longest = new string('a', 128);
        await server.CreateStreamAsync(longest);
        Assert.InRange((await server.IteratorAsync(longest)).Length, 1, 510);
    }

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync();
        Task<KinesisReply> Ask(string shard, string type, string? number = null, double? timestamp = null) => server.CallAsync(
            "GetShardIterator",
            new { StreamName = "orders", ShardId = shard, ShardIteratorType = type, StartingSequenceNumber = number, Timestamp = timestamp });

        // The shard id's form, then stream and shard, then number and type, then the timestamp.
        (await Ask("shard-x", "LATEST")).AssertNotFound($"Could not find shard shard-x in stream orders under account {Account}.");
        (await Ask("shard-1", "LATEST", "1")).AssertNotFound(NoSuchShard("orders", 1));
        await server.CreateStreamAsync("orders");
        (await Ask("shardId-2147483648", "LATEST", "1")).AssertNotFound($"Could not find shard shardId-2147483648 in stream orders under account {Account}.");
        (await Ask("x-1", "LATEST", "1")).AssertNotFound(NoSuchShard("orders", 1));
        (await Ask("0", "LATEST", NoSequenceNumber)).AssertInvalidArgument(string.Format(null, WantsNumber, "LATEST and also a"));
        (await Ask("0", "TRIM_HORIZON", "1", server.Now + 1)).AssertInvalidArgument(string.Format(null, WantsNumber, "TRIM_HORIZON and also a"));
        (await Ask("0", "AT_SEQUENCE_NUMBER", timestamp: server.Now + 1)).AssertInvalidArgument(string.Format(null, WantsNumber, "AT_SEQUENCE_NUMBER and no"));
        (await Ask("0", "AFTER_SEQUENCE_NUMBER")).AssertInvalidArgument(string.Format(null, WantsNumber, "AFTER_SEQUENCE_NUMBER and no"));
        (await Ask("0", "AT_TIMESTAMP", NoSequenceNumber)).AssertInvalidArgument(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.");
    }

    [Fact]
    public async Task A_number_must_be_one_of_this_shard_in_this_stream()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var created = server.Time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var type in new[] { "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER" })
        {
            Task<KinesisReply> Ask(int shard, string number) => server.CallAsync(
                "GetShardIterator", new { StreamName = "orders", ShardId = ShardId(shard), ShardIteratorType = type, StartingSequenceNumber = number });
            string Invalid(string number) => $"StartingSequenceNumber {number} used in GetShardIterator on shard {ShardId(0)} in stream orders under account {Account} is invalid";

            (await Ask(0, NoSequenceNumber)).AssertInvalidArgument($"{Invalid(NoSequenceNumber)}.");
            // Of another shard is told before of another stream.
            (await Ask(0, new SequenceNumber(created - 1, 5, created, new ShardId(1)).ToString())).AssertInvalidArgument(
                $"Invalid StartingSequenceNumber. It encodes {ShardId(1)}, while it was used in a call to a shard with {ShardId(0)}");
            (await Ask(1, "0")).AssertInvalidArgument(
                $"Invalid StartingSequenceNumber. It encodes {ShardId(0)}, while it was used in a call to a shard with {ShardId(1)}");
            string[] strangers = ["0", "49545115243490985018280067714973144582180062593244200961", new SequenceNumber(created - 1, 5, created, new ShardId(0)).ToString()];
            foreach (var stranger in strangers)
                (await Ask(0, stranger)).AssertInvalidArgument($"{Invalid(stranger)} because it did not come from this stream.");
        }
    }

    [Fact]
    public async Task A_timestamp_is_of_the_past_or_now_to_the_millisecond()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromMilliseconds(250));
        await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: server.Now);
        (await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "0", ShardIteratorType = "AT_TIMESTAMP", Timestamp = server.Now + 0.001 }))
            .AssertInvalidArgument(
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 1767225600251, currentTimestampInMillis: 1767225600250");
        await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: 1);
    }

    [Theory]
    [InlineData("1767225600.0014", true)]
    [InlineData("1767225600.0016", false)]
    [InlineData("1.767225600001E9", true)]
    public async Task A_timestamps_fraction_is_rounded_to_milliseconds(string timestamp, bool taken)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        var reply = await server.CallAsync("GetShardIterator", Bytes($$"""{"StreamName":"orders","ShardId":"0","ShardIteratorType":"AT_TIMESTAMP","Timestamp":{{timestamp}}}"""));
        if (taken)
        {
            reply.Succeeded();
            return;
        }

        reply.AssertInvalidArgument(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 1767225600002, currentTimestampInMillis: 1767225600001");
    }

    [Fact]
    public async Task AT_TIMESTAMP_ignores_a_number()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.IteratorAsync("orders", type: "AT_TIMESTAMP", number: NoSequenceNumber, timestamp: server.Now);
    }

    [Fact]
    public async Task A_shard_gives_five_iterators_a_second()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        for (var i = 0; i < 5; i++)
            await server.IteratorAsync("orders");
        var request = new { StreamName = "orders", ShardId = "0", ShardIteratorType = "LATEST" };
        (await server.CallAsync("GetShardIterator", request)).AssertThrottled("orders", 0);
        await server.IteratorAsync("orders", shard: 1);
        server.Time.Advance(TimeSpan.FromMilliseconds(199));
        (await server.CallAsync("GetShardIterator", request)).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.CallAsync("GetShardIterator", request)).Succeeded();
        // Checks come before the rate.
        (await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "0", ShardIteratorType = "AT_SEQUENCE_NUMBER" }))
            .AssertInvalidArgument(string.Format(null, WantsNumber, "AT_SEQUENCE_NUMBER and no"));
    }

    [Fact]
    public async Task A_shard_is_unknown_once_its_retention_has_passed()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.SplitAsync("orders", 0)).Succeeded();
        server.Time.Advance(TimeSpan.FromHours(24));
        await server.IteratorAsync("orders");
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.CallAsync("GetShardIterator", new { StreamName = "orders", ShardId = "0", ShardIteratorType = "TRIM_HORIZON" })).AssertNotFound(NoSuchShard("orders", 0));
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("GetShardIterator", new { StreamName = "a b", ShardIteratorType = "FIRST", StartingSequenceNumber = "x" })).AssertInvalid(
            "Value null at 'shardId' failed to satisfy constraint: Member must not be null",
            "Value 'FIRST' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]",
            @"Value 'x' at 'startingSequenceNumber' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,128})",
            "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    }
}
