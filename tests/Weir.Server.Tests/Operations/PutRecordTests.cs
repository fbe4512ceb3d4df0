using Weir.Model;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

public sealed class PutRecordTests
{
    private const string TwoTo128 = "340282366920938463463374607431768211456";
    private const string DataTooLong = "Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576";

    // 2^130: between the oldest layout's numbers and the newer ones', so none at all.
    private const string NoSequenceNumber = "1361129467683753853853498429727072845824";

    [Fact]
    public async Task The_answer_has_the_shard_and_the_number_and_nothing_else()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var answer = (await server.PutAsync("orders", "x")).Succeeded();
        Assert.Equal(["SequenceNumber", "ShardId"], answer.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(ShardId(0), answer.GetProperty("ShardId").GetString());
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("170141183460469231731687303715884105727", 0)]
    [InlineData(Middle, 1)]
    [InlineData(MaxHashKey, 1)]
    public async Task An_explicit_hash_key_decides_the_shard_at_both_inclusive_ends(string hashKey, int shard)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var answer = (await server.PutAsync("orders", explicitHashKey: hashKey)).Succeeded();
        Assert.Equal(ShardId(shard), answer.GetProperty("ShardId").GetString());
    }

    [Fact]
    public async Task Empty_data_is_a_record()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "");
        Assert.Equal("", (await server.ReadAsync(await server.IteratorAsync("orders"))).Records[0].GetProperty("Data").GetString());
    }

    [Fact]
    public async Task Data_and_key_together_may_have_exactly_the_limit()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await PutAsync(server, KinesisLimits.DefaultMaxRecordBytes - 4, "kkkk")).Succeeded();
        (await PutAsync(server, KinesisLimits.DefaultMaxRecordBytes - 4, "kkkkk")).AssertInvalid(DataTooLong);
        // Keys count in UTF-8: two of these have four bytes.
        (await PutAsync(server, KinesisLimits.DefaultMaxRecordBytes - 4, "\u00e4\u00e4")).Succeeded();
        (await PutAsync(server, KinesisLimits.DefaultMaxRecordBytes - 4, "\u00e4\u00e4\u00e4")).AssertInvalid(DataTooLong);
        (await PutAsync(server, KinesisLimits.DefaultMaxRecordBytes + 1, "k")).AssertInvalid(DataTooLong);
    }

    [Fact]
    public async Task The_largest_record_of_all_has_ten_mebibytes_with_its_key()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", maxRecordKib: 10_240);
        const int limit = 10_240 * 1024;
        (await PutAsync(server, limit - 1, "k")).Succeeded();
        foreach (var bytes in new[] { limit, limit + 1 })
        {
            (await PutAsync(server, bytes, "k"))
                .AssertInvalid($"Value at 'data' failed to satisfy constraint: Member must have length less than or equal to {limit}");
        }
    }

    [Fact]
    public async Task A_partition_key_has_up_to_256_UTF_16_units_and_comes_back_as_it_was()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var widest = string.Concat(Enumerable.Repeat("\U0001F30A", 128));
        string[] keys = [widest, new string('\u20ac', 256), "\"\\/\b\f\n\r\t\u0001\u2028<>&'"];
        foreach (var key in keys)
            (await server.PutAsync("orders", "x", key)).Succeeded();
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Equal(keys, page.Records.Select(record => record.GetProperty("PartitionKey").GetString()));
        (await server.PutAsync("orders", "x", widest + "a")).AssertInvalid(
            $"Value '{widest}a' at 'partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256");
        (await server.PutAsync("orders", "x", "")).AssertInvalid(
            "Value '' at 'partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1");
    }

    [Fact]
    public async Task An_explicit_hash_key_of_2_to_the_128th_is_refused()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await server.PutAsync("orders", explicitHashKey: TwoTo128)).AssertInvalidArgument(
            $"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {TwoTo128}");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("49590338271490256608559692538361571095921575989136588898")]
    [InlineData("49545115243490985018280067714973144582180062593244200961")]
    public async Task A_number_for_ordering_may_come_from_anywhere(string number)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await OrderedAsync(server, number)).Succeeded();
    }

    [Fact]
    public async Task A_number_for_ordering_must_be_a_number_and_of_the_past()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var second = server.Time.GetUtcNow().ToUnixTimeSeconds();
        (await OrderedAsync(server, new SequenceNumber(second, 1, second, new ShardId(7)).ToString())).Succeeded();
        foreach (var number in new[] { new SequenceNumber(second, 1, second + 1, new ShardId(0)).ToString(), NoSequenceNumber })
            (await OrderedAsync(server, number)).AssertInvalidArgument(NotForOrdering(number));
    }

    [Fact]
    public async Task Numbers_rise_along_a_shard_and_its_children_whatever_the_wall_clock_does()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var numbers = new List<string> { await server.PutTextAsync("orders", "1") };
        server.Time.ShiftWallClock(-TimeSpan.FromHours(1));
        numbers.Add(await server.PutTextAsync("orders", "2"));
        (await server.SplitAsync("orders", 0)).Succeeded();
        numbers.Add(await server.PutTextAsync("orders", "3"));
        Assert.Equal(numbers, numbers.Order(StringComparer.Ordinal));
        Assert.Equal(3, numbers.Distinct().Count());
    }

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync();
        var tooMuch = new byte[KinesisLimits.DefaultMaxRecordBytes + 1];
        // Stream, then key, then size, then explicit hash key, then number for ordering.
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = "" })).AssertNotFound(NotFound("orders"));
        await server.CreateStreamAsync("orders");
        (await server.CallAsync("PutRecord", new { StreamName = "orders", Data = tooMuch }))
            .AssertInvalid("Value null at 'partitionKey' failed to satisfy constraint: Member must not be null");
        (await server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = tooMuch, ExplicitHashKey = TwoTo128 })).AssertInvalid(DataTooLong);
        (await server.CallAsync("PutRecord", new
        {
            StreamName = "orders",
            PartitionKey = "k",
            Data = "",
            ExplicitHashKey = TwoTo128,
            SequenceNumberForOrdering = NoSequenceNumber,
        })).AssertInvalidArgument($"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {TwoTo128}");
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order_and_before_the_streams()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("PutRecord", new { StreamName = "missing", SequenceNumberForOrdering = "x", PartitionKey = "", ExplicitHashKey = "01" })).AssertInvalid(
            @"Value 'x' at 'sequenceNumberForOrdering' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,128})",
            "Value '' at 'partitionKey' failed to satisfy constraint: Member must have length greater than or equal to 1",
            @"Value '01' at 'explicitHashKey' failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})",
            "Value null at 'data' failed to satisfy constraint: Member must not be null");
    }

    [Fact]
    public async Task A_shard_takes_1000_records_a_second_and_its_neighbour_does_not_notice()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        for (var i = 0; i < 2; i++)
            (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = Enumerable.Repeat(new { Data = "", PartitionKey = "k", ExplicitHashKey = "0" }, 500) })).Succeeded();
        (await server.PutAsync("orders", explicitHashKey: "0")).AssertThrottled("orders", 0);
        (await server.PutAsync("orders", explicitHashKey: MaxHashKey)).Succeeded();
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.PutAsync("orders", explicitHashKey: "0")).Succeeded();
        (await server.PutAsync("orders", explicitHashKey: "0")).AssertThrottled("orders", 0);
    }

    [Fact]
    public async Task A_large_record_is_paid_from_a_bucket_that_refills_with_a_mebibyte_a_second()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", maxRecordKib: 10_240);
        (await PutAsync(server, (10_240 * 1024) - 1, "k")).Succeeded();
        (await PutAsync(server, 0, "k")).AssertThrottled("orders", 0);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        (await PutAsync(server, (2 * 1024 * 1024) - 1, "kk")).AssertThrottled("orders", 0);
        (await PutAsync(server, (2 * 1024 * 1024) - 1, "k")).Succeeded();
    }

    private static Task<KinesisReply> PutAsync(TestServer server, int bytes, string key) =>
        server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = key, Data = new byte[bytes] });

    private static Task<KinesisReply> OrderedAsync(TestServer server, string number) =>
        server.CallAsync("PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = "", SequenceNumberForOrdering = number });

    private static string NotForOrdering(string number) =>
        $"ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream orders under account {Account} is invalid.";
}
