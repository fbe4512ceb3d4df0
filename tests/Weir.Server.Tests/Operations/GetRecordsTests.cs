using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>Where a reader starts, what it is given and how it learns that it is behind.</summary>
public sealed class GetRecordsTests
{
    private const string Expired =
        "Iterator expired. The iterator was created at time Thu Jan 01 00:00:00 UTC 2026 while right now it is Thu Jan 01 00:05:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.";

    [Fact]
    public async Task A_record_has_its_number_key_data_and_arrival_and_no_encryption()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromMilliseconds(1_234));
        var number = await server.PutTextAsync("orders", "x");
        var record = (await server.ReadAsync(await server.IteratorAsync("orders"))).Records.Single();
        Assert.Equal(
            ["ApproximateArrivalTimestamp", "Data", "PartitionKey", "SequenceNumber"],
            record.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(number, record.GetProperty("SequenceNumber").GetString());
        Assert.Equal("1767225601.234", record.GetProperty("ApproximateArrivalTimestamp").GetRawText());
    }

    [Fact]
    public async Task An_iterator_is_good_for_exactly_300_000_milliseconds()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        server.Time.Advance(TimeSpan.FromMilliseconds(300_000));
        var page = await server.ReadAsync(iterator);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.GetRecordsAsync(iterator)).AssertRefused("ExpiredIteratorException", Expired);
        // The next one has its own five minutes.
        server.Time.Advance(TimeSpan.FromMilliseconds(299_999));
        await server.ReadAsync(page.Next!);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Contains("ExpiredIteratorException", (await server.GetRecordsAsync(page.Next!)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_earlier_check_of_two_wins()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        Task<KinesisReply> Read(string text, string? arn = null, int? limit = null) =>
            server.CallAsync("GetRecords", new { ShardIterator = text, StreamARN = arn, Limit = limit });

        // Constraints, then the iterator's form, its age, the ARN, the shard, the rate.
        (await Read("made up", limit: 10_001)).AssertInvalid("Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000");
        (await Read("made up", Arn("other"))).AssertInvalidArgument("Invalid ShardIterator.");
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        (await Read(iterator, Arn("other"))).AssertInvalidArgument($"The ShardIterator does not belong to the stream {Arn("other")}.");
        (await Read(iterator, Arn("orders"))).AssertNotFound(NoSuchShard("orders", 0));
        server.Time.Advance(TimeSpan.FromMilliseconds(300_001));
        (await Read(iterator, Arn("other"))).AssertRefused("ExpiredIteratorException", Expired);
    }

    [Fact]
    public async Task An_iterator_of_the_future_or_of_another_region_is_invalid()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        (await server.CallAsync("GetRecords", new { ShardIterator = iterator }, region: "eu-west-1")).AssertInvalidArgument("Invalid ShardIterator.");
        server.Time.ShiftWallClock(-TimeSpan.FromMilliseconds(1));
        (await server.GetRecordsAsync(iterator)).AssertInvalidArgument("Invalid ShardIterator.");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\"", "\"")]
    public async Task One_pair_of_quotes_around_an_iterator_is_taken_off(string before, string after)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        await server.ReadAsync(before + iterator + after);
        (await server.GetRecordsAsync($"\"{before}{iterator}")).AssertInvalidArgument("Invalid ShardIterator.");
        (await server.GetRecordsAsync($"\"\"{iterator}\"\"")).AssertInvalidArgument("Invalid ShardIterator.");
    }

    [Fact]
    public async Task A_token_of_another_operation_is_no_iterator()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders", shards: 2);
        var token = (await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded().GetProperty("NextToken").GetString()!;
        (await server.GetRecordsAsync(token)).AssertInvalidArgument("Invalid ShardIterator.");
    }

    [Fact]
    public async Task An_iterator_does_not_outlive_its_stream_under_the_same_name()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        (await server.CallAsync("DeleteStream", new { StreamName = "orders" })).Succeeded();
        await server.CreateStreamAsync("orders");
        (await server.GetRecordsAsync(iterator)).AssertNotFound(NoSuchShard("orders", 0));
    }

    [Fact]
    public async Task An_iterator_reads_the_same_place_every_time()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "1");
        var iterator = await server.IteratorAsync("orders");
        Assert.Equal(["1"], (await server.ReadAsync(iterator)).Texts);
        await server.PutTextAsync("orders", "2");
        Assert.Equal(["1", "2"], (await server.ReadAsync(iterator)).Texts);
    }

    [Fact]
    public async Task LATEST_stands_where_it_was_when_the_iterator_was_given()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "before");
        var iterator = await server.IteratorAsync("orders", type: "LATEST");
        await server.PutTextAsync("orders", "after");
        Assert.Equal(["after"], (await server.ReadAsync(iterator)).Texts);
    }

    [Fact]
    public async Task TRIM_HORIZON_is_where_the_horizon_is_at_the_time_of_reading()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "old");
        server.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(100));
        await server.PutTextAsync("orders", "new");
        var iterator = await server.IteratorAsync("orders");
        Assert.Equal(["old", "new"], (await server.ReadAsync(iterator)).Texts);
        server.Time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(["new"], (await server.ReadAsync(iterator)).Texts);
    }

    [Fact]
    public async Task A_number_starts_at_it_or_after_it_and_need_not_exist()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var numbers = new List<string>();
        for (var i = 1; i <= 3; i++)
            numbers.Add(await server.PutTextAsync("orders", $"{i}"));
        async Task<string> From(string type, string number) => string.Concat((await server.ReadAsync(await server.IteratorAsync("orders", 0, type, number))).Texts);
        Assert.Equal("23", await From("AT_SEQUENCE_NUMBER", numbers[1]));
        Assert.Equal("3", await From("AFTER_SEQUENCE_NUMBER", numbers[1]));
        Assert.Equal("", await From("AFTER_SEQUENCE_NUMBER", numbers[2]));
        var start = (await server.DescribeAsync("orders")).GetProperty("Shards")[0].GetProperty("SequenceNumberRange").GetProperty("StartingSequenceNumber").GetString()!;
        Assert.Equal("123", await From("AT_SEQUENCE_NUMBER", start));
        Assert.Equal("123", await From("AFTER_SEQUENCE_NUMBER", start));
        Assert.True(Model.SequenceNumber.TryParse(numbers[2], out var last));
        Assert.Equal("", await From("AT_SEQUENCE_NUMBER", (last with { Index = last.Index + 100 }).ToString()));
    }

    [Fact]
    public async Task AT_TIMESTAMP_starts_with_the_first_record_that_arrived_at_or_after_it()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        for (var i = 1; i <= 3; i++)
        {
            await server.PutTextAsync("orders", $"{i}");
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        async Task<string> From(double seconds) =>
            string.Concat((await server.ReadAsync(await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: Seconds(Begin) + seconds))).Texts);
        Assert.Equal("123", await From(-1));
        Assert.Equal("123", await From(0));
        Assert.Equal("23", await From(0.001));
        Assert.Equal("23", await From(1));
        Assert.Equal("3", await From(2));
        Assert.Equal("", await From(2.001));
        var tip = await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: server.Now);
        await server.PutTextAsync("orders", "4");
        Assert.Equal(["4"], (await server.ReadAsync(tip)).Texts);
    }

    [Fact]
    public async Task A_position_beyond_retention_goes_on_silently_at_the_oldest_record_left()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var expired = await server.PutTextAsync("orders", "expired");
        server.Time.Advance(TimeSpan.FromHours(1));
        await server.PutTextAsync("orders", "left");
        server.Time.Advance(TimeSpan.FromHours(23.5));
        Assert.Equal(["left"], (await server.ReadAsync(await server.IteratorAsync("orders", type: "AT_SEQUENCE_NUMBER", number: expired))).Texts);
        Assert.Equal(["left"], (await server.ReadAsync(await server.IteratorAsync("orders", type: "AT_TIMESTAMP", timestamp: Seconds(Begin)))).Texts);
    }

    [Fact]
    public async Task MillisBehindLatest_is_the_age_of_the_last_record_given_until_nothing_is_left()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var iterator = await server.IteratorAsync("orders");
        Assert.Equal(0, (await server.ReadAsync(iterator)).MillisBehindLatest);
        for (var i = 1; i <= 3; i++)
        {
            await server.PutTextAsync("orders", $"{i}");
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var page = await server.ReadAsync(iterator, limit: 1);
        AssertPage(page, ["1"], 3_000);
        page = await server.ReadAsync(page.Next!, limit: 1);
        AssertPage(page, ["2"], 2_000);
        page = await server.ReadAsync(page.Next!, limit: 1);
        AssertPage(page, ["3"], 0);
        page = await server.ReadAsync(page.Next!);
        AssertPage(page, [], 0);
    }

    [Fact]
    public async Task A_page_holds_10_000_records_at_most()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < 21; i++)
            (await server.CallAsync("PutRecords", new { StreamName = "orders", Records = Enumerable.Repeat(new { Data = "", PartitionKey = "k" }, 500) })).Succeeded();
        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Equal(10_000, page.Records.Length);
        Assert.Equal(500, (await server.ReadAsync(page.Next!)).Records.Length);
    }

    [Fact]
    public async Task Constraint_failures_come_in_the_services_order()
    {
        await using var server = await StartAsync();
        (await server.CallAsync("GetRecords", new { ShardIterator = "", Limit = 0 })).AssertInvalid(
            "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
            "Value '' at 'shardIterator' failed to satisfy constraint: Member must have length greater than or equal to 1");
        (await server.CallAsync("GetRecords", new { })).AssertInvalid("Value null at 'shardIterator' failed to satisfy constraint: Member must not be null");
    }

    private static void AssertPage(RecordsPage page, string[] texts, long millisBehindLatest)
    {
        Assert.Equal(texts, page.Texts);
        Assert.Equal(millisBehindLatest, page.MillisBehindLatest);
    }
}
