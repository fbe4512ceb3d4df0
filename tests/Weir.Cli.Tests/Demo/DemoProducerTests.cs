using System.Text.Json.Nodes;
using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

/// <summary>
/// The order of a key must survive refusals. The stream here refuses records and whole requests at random and answers late; it keeps
/// what it accepted, and looks at every moment which keys are in flight.
/// </summary>
public sealed class DemoProducerTests
{
    private const string Throttled = "ProvisionedThroughputExceededException";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Order_of_keys_survives_refusals_and_nothing_is_sent_twice(int seed)
    {
        var random = new Random(seed);
        var inFlight = new HashSet<string>();
        var accepted = new List<TraceRow>();
        using var stream = new FakeKinesis(async (operation, request) =>
        {
            Assert.Equal("PutRecords", operation);
            var entries = request["Records"]!.AsArray().Select(entry =>
                (Key: entry!["PartitionKey"]!.GetValue<string>(), Row: DemoRecord.Decode(Convert.FromBase64String(entry["Data"]!.GetValue<string>())))).ToList();
            lock (random)
                Assert.All(entries, entry => Assert.True(inFlight.Add(entry.Key), $"two records of {entry.Key} in flight"));
            for (var turns = entries.Count % 5; turns > 0; turns--)
                await Task.Yield();
            lock (random)
            {
                entries.ForEach(entry => inFlight.Remove(entry.Key));
                if (random.Next(10) == 0)
                    throw new FakeKinesis.Refusal(Throttled);
                return new JsonObject { ["Records"] = new JsonArray([.. entries.Select(entry => Settle(entry.Row))]) };
            }
        });

        JsonNode Settle(TraceRow row)
        {
            if (random.Next(3) == 0)
                return new JsonObject { ["ErrorCode"] = Throttled, ["ErrorMessage"] = "Slow down." };
            accepted.Add(row);
            return new JsonObject { ["ShardId"] = "shardId-000000000000", ["SequenceNumber"] = $"{accepted.Count}" };
        }

        var rows = Rows(1000);
        var produced = await ProduceAsync(stream, rows);

        Assert.Equal(rows.Select(row => row.Number), accepted.Select(row => row.Number).Order());
        Assert.Equal(accepted.Select(row => row.Number).Order(), produced.Select(record => record.Row).Order());
        Assert.All(accepted.GroupBy(row => row.Tenant), key => Assert.Equal(key.Select(row => row.Number).Order(), key.Select(row => row.Number)));
    }

    [Fact]
    public async Task A_record_that_is_refused_for_ever_ends_it_with_the_reason()
    {
        using var stream = new FakeKinesis((_, request) => Task.FromResult<JsonNode>(new JsonObject
        {
            ["Records"] = new JsonArray([.. request["Records"]!.AsArray().Select(_ =>
                new JsonObject { ["ErrorCode"] = "InternalFailure", ["ErrorMessage"] = "The disk is gone." })]),
        }));

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => ProduceAsync(stream, Rows(3)));
        Assert.Contains("InternalFailure: The disk is gone.", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<Acknowledgement>> ProduceAsync(FakeKinesis stream, IReadOnlyList<TraceRow> rows)
    {
        var time = new HurryingClock();
        using var client = stream.Connect(time);
        var clock = new ReplayClock(rows[0].Time, speed: 1, time);
        var figures = new DemoFigures(time);
        figures.Begin(clock, rows.Count);
        return await new DemoProducer(client, "any", rows, clock, figures, time).RunAsync(TestContext.Current.CancellationToken);
    }

    // Twenty keys, and bursts of a dozen rows.
    private static List<TraceRow> Rows(int count)
    {
        var random = new Random(count);
        var start = new DateTime(2023, 11, 16, 18, 0, 0, DateTimeKind.Utc);
        return [.. Enumerable.Range(0, count).Select(i => new TraceRow(i + 1, start.AddMilliseconds(i / 12 * 30), random.Next(20), 1))];
    }
}
