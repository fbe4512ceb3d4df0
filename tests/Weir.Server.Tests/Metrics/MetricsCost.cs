using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Protocol;
using Weir.Server.Metrics;
using Weir.Streams;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>What a PutRecord pays for being measured; docs/benchmarks.md has the figure. Runs only when asked for.</summary>
public sealed class MetricsCost
{
    private const int Rounds = 400;
    private const int CallsPerRound = 2000;

    [Fact(Explicit = true)]
    public async Task Of_a_PutRecord()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var engine = server.Server.Engine;
        var name = new Model.StreamName(Account, Region, "orders");
        var stream = engine.Streams.Find(name)!.Current;
        using var meters = new ServerMeters();
        using var collection = new MetricCollection(meters.Own, (_, _) => true, NullLogger.Instance);
        var metrics = new ServerMetrics(meters, engine, Account);
        var http = new DefaultHttpContext();
        var outcome = new PutOutcome { Status = PutStatus.Accepted, Shard = stream.Shards.All[0] };
        var latency = metrics.Streams.LatencyOf(KinesisOperation.PutRecord)!;

        // The least of many short rounds: other programs take the processor away in some of them.
        var least = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var from = Stopwatch.GetTimestamp();
            for (var i = 0; i < CallsPerRound; i++)
            {
                var began = metrics.Requests.Begin();
                metrics.Streams.PutRecord(stream, outcome, 1027);
                if (engine.Streams.Find(name) is { } found)
                    latency.Record(engine.Time.GetElapsedTime(began).TotalMilliseconds, SeriesTags.OfStream(found.Name, Account));
                metrics.Requests.End(KinesisOperation.PutRecord, http.Response, began, answered: true);
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(from).TotalNanoseconds / CallsPerRound);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{least:F0} ns");
    }
}
