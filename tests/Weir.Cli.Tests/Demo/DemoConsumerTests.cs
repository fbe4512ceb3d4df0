using System.Text.Json.Nodes;
using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

/// <summary>Parents before children, and no record twice or never, whatever a read is refused with. The shards here are lists of rows.</summary>
public sealed class DemoConsumerTests
{
    private const string Parent = "shardId-000000000000", Other = "shardId-000000000001", Left = "shardId-000000000002", Right = "shardId-000000000003";

    private static readonly DateTime Start = new(2023, 11, 16, 18, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task Children_are_read_after_their_parents_end_and_every_row_once()
    {
        var reads = new List<string>();
        var stream = new Stream { OnRead = shard => { lock (reads) { reads.Add(shard); } } };

        var processed = await ConsumeAsync(stream);

        Assert.Equal(Enumerable.Range(1, 40), processed.Select(record => record.Row).Order());
        Assert.True(reads.LastIndexOf(Parent) < reads.IndexOf(Left) && reads.LastIndexOf(Parent) < reads.IndexOf(Right));
        Assert.All(processed.GroupBy(record => record.ShardId), shard => Assert.Equal(shard.Select(record => record.Row).Order(), shard.Select(record => record.Row)));
    }

    [Theory]
    [InlineData("ProvisionedThroughputExceededException")]
    [InlineData("ExpiredIteratorException")]
    public async Task A_refused_read_is_repeated_from_where_it_was(string code)
    {
        var count = 0;
        var stream = new Stream
        {
            OnRead = _ =>
            {
                if (Interlocked.Increment(ref count) % 3 == 0)
                    throw new FakeKinesis.Refusal(code);
            },
        };

        Assert.Equal(Enumerable.Range(1, 40), (await ConsumeAsync(stream)).Select(record => record.Row).Order());
    }

    [Fact]
    public async Task Any_other_refusal_ends_the_consumer()
    {
        var stream = new Stream { OnRead = _ => throw new FakeKinesis.Refusal("AccessDeniedException") };

        await Assert.ThrowsAsync<Client.KinesisAccessDeniedException>(() => ConsumeAsync(stream));
    }

    private static async Task<IReadOnlyList<ProcessedRecord>> ConsumeAsync(Stream stream)
    {
        var time = new HurryingClock();
        using var kinesis = new FakeKinesis((operation, request) => Task.FromResult(stream.Answer(operation, request)));
        using var client = kinesis.Connect(time);
        var clock = new ReplayClock(Start, speed: 1, time);
        var figures = new DemoFigures(time);
        figures.Begin(clock, 40);
        var processing = new RecordProcessing(clock, figures, time);
        await new DemoConsumer(client, "any", processing, figures, time).RunAsync(Task.CompletedTask, TestContext.Current.CancellationToken);
        return processing.Processed;
    }

    /// <summary>Two shards at first, one of them closed: its children go on. Ten rows in each, three a read.</summary>
    private sealed class Stream
    {
        private const int RowsOfShard = 10, RowsOfRead = 3;

        public Action<string> OnRead { get; init; } = _ => { };

        public JsonNode Answer(string operation, JsonNode request) => operation switch
        {
            "ListShards" => new JsonObject { ["Shards"] = new JsonArray(Shard(Parent), Shard(Other)) },
            "GetShardIterator" => new JsonObject { ["ShardIterator"] = $"{request["ShardId"]} {request["StartingSequenceNumber"]?.GetValue<string>() ?? "0"}" },
            "GetRecords" => Read(request["ShardIterator"]!.GetValue<string>().Split(' ')),
            _ => throw new FakeKinesis.Refusal("UnknownOperationException"),
        };

        private JsonObject Read(string[] iterator)
        {
            var (shard, from) = (iterator[0], int.Parse(iterator[1], System.Globalization.CultureInfo.InvariantCulture));
            OnRead(shard);
            var numbers = Enumerable.Range(from + 1, RowsOfShard - from).Take(RowsOfRead).ToList();
            var next = from + numbers.Count;
            var answer = new JsonObject
            {
                ["Records"] = new JsonArray([.. numbers.Select(number => Record(shard, number))]),
                ["MillisBehindLatest"] = next == RowsOfShard ? 0 : 1000,
            };
            if (shard != Parent || next < RowsOfShard)
                answer["NextShardIterator"] = $"{shard} {next}";
            else
                answer["ChildShards"] = new JsonArray(Child(Left), Child(Right));
            return answer;
        }

        private static JsonObject Record(string shard, int number)
        {
            var row = new TraceRow((RowsOfShard * (shard[^1] - '0')) + number, Start.AddSeconds(number), number, 1);
            return new JsonObject
            {
                ["SequenceNumber"] = $"{number}",
                ["ApproximateArrivalTimestamp"] = 1772366400.123,
                ["PartitionKey"] = row.Tenant,
                ["Data"] = Convert.ToBase64String(DemoRecord.Encode(row).Span),
            };
        }

        private static JsonObject Shard(string id) => new()
        {
            ["ShardId"] = id,
            ["HashKeyRange"] = Range(),
            ["SequenceNumberRange"] = new JsonObject { ["StartingSequenceNumber"] = "0" },
        };

        private static JsonObject Child(string id) => new() { ["ShardId"] = id, ["ParentShards"] = new JsonArray(Parent), ["HashKeyRange"] = Range() };

        private static JsonObject Range() => new() { ["StartingHashKey"] = "0", ["EndingHashKey"] = "1" };
    }
}
