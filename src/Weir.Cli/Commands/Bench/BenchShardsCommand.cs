using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Cli.Bench;
using Weir.Cli.Output;
using Weir.Model;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench shards</c>.</summary>
internal static class BenchShardsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var streams = Options.Value("--streams", "N", "Streams of the full server.", Options.Integer(2, 10_000), 1000, shell, shown: "1000");
        var shards = Options.Value("--shards", "N", "Open shards of the full server, in all.", Options.Integer(2, KinesisLimits.MaxShardsPerAccount), 10_000, shell, shown: "10000");
        var samples = Options.Value("--samples", "N", "How often each call is measured.", Options.Integer(1, 100_000), 500, shell, shown: "500");
        var json = Options.Value<string?>("--json", "FILE", "Write the figures as JSON as well; - is standard output, in place of the tables.", Options.Text, fallback: null, shell);
        var command = new Command("shards", "Measure what idle streams and shards cost: a full server beside one with a single shard, both with temporary data.")
        {
            streams, shards, samples, json,
        };
        command.SetAction(async (result, _) =>
        {
            if (result.Get(shards) < result.Get(streams))
                throw new UsageException("--shards is less than --streams, and each stream has at least one shard.");
            shell.ListenToSignals();
            var bench = new ShardsBench(shell, result.Get(streams), result.Get(shards), result.Get(samples));
            (ServerSample small, ServerSample full) measured;
            using (new ProgressLine(shell, () => bench.Progress))
                measured = await bench.RunAsync().ConfigureAwait(false);
            var file = result.Get(json);
            if (file != "-")
                WriteText(shell, measured.small, measured.full);
            await JsonOutput.WriteToAsync(shell, file, Json(measured.small, measured.full)).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    private static void WriteText(Shell shell, ServerSample small, ServerSample full)
    {
        shell.OutText.WriteLine($"idle: {Figures.Count(full.Streams)} streams with {Figures.Count(full.Shards)} open shards, beside one stream with one shard; storage disk, durability fsync, limits off");
        var extra = full.IdleBytes - small.IdleBytes;
        shell.OutText.WriteLine($"a shard takes {Figures.Bytes((double)extra / full.Shards)} of memory, with its part of a stream; all of them {Figures.Bytes(extra)}");
        shell.OutText.WriteLine();
        var table = new TextTable(new Column("Figure"), new Column("One shard", true), new Column("Full", true), new Column("Ratio", true));
        table.Add("resident memory after the start", Figures.Bytes(small.IdleBytes), Figures.Bytes(full.IdleBytes), Ratio(full.IdleBytes, small.IdleBytes));
        table.Add("start, median ms", Milliseconds(Median(small.Starts)), Milliseconds(Median(full.Starts)), Ratio(Median(full.Starts).Ticks, Median(small.Starts).Ticks));
        foreach (var call in ShardsBench.Calls)
        {
            Add(call + ", p50 ms", 50);
            Add(call + ", p99 ms", 99);

            void Add(string title, double percent)
            {
                var (one, many) = (small.Calls[call].Percentile(percent), full.Calls[call].Percentile(percent));
                table.Add(title, Milliseconds(one), Milliseconds(many), Ratio(many.Ticks, one.Ticks));
            }
        }

        table.Write(shell);
    }

    private static string Json(params ReadOnlySpan<ServerSample> servers)
    {
        var samples = servers.ToArray();
        return JsonOutput.Text(writer =>
        {
            writer.WriteStartArray();
            foreach (var server in samples)
                Write(writer, server);
            writer.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter writer, ServerSample server)
    {
        writer.WriteStartObject();
        writer.WriteNumber("streams", server.Streams);
        writer.WriteNumber("shards", server.Shards);
        writer.WriteNumber("residentBytes", server.IdleBytes);
        writer.WriteStartArray("startMilliseconds");
        foreach (var start in server.Starts)
            writer.WriteNumberValue(start.TotalMilliseconds);
        writer.WriteEndArray();
        writer.WriteStartObject("callMilliseconds");
        foreach (var (call, latencies) in server.Calls)
        {
            writer.WriteStartObject(call);
            writer.WriteNumber("p50", latencies.Percentile(50).TotalMilliseconds);
            writer.WriteNumber("p99", latencies.Percentile(99).TotalMilliseconds);
            writer.WriteNumber("max", latencies.Max.TotalMilliseconds);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static TimeSpan Median(IReadOnlyList<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private static string Ratio(double many, double one) => (many / Math.Max(1, one)).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
