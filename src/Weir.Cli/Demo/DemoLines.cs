using System.Globalization;
using Weir.Cli.Output;

namespace Weir.Cli.Demo;

/// <summary>A plain line every second: for files, pipes and terminals that cannot do more.</summary>
internal sealed class DemoLines(TextWriter output, DemoOptions options, TimeProvider time) : IDemoView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly DemoRates _rates = new(time);

    /// <inheritdoc />
    public async Task ShowAsync(DemoFigures figures, Task run)
    {
        await output.WriteLineAsync(
            $"weir demo: {TraceFile.Name} at {options.Speed} times its speed, {DemoRun.Shards} shards, durability fsync, limits aws").ConfigureAwait(false);
        await output.WriteLineAsync(
            "each line: seconds, part processed, records/s, then [shard] records/s in/out and lag, then the last complete window").ConfigureAwait(false);
        while (!run.IsCompleted)
        {
            var snapshot = figures.Snapshot(windows: 1);
            _rates.Add(snapshot);
            if (snapshot.Phase is not (DemoPhase.Starting or DemoPhase.Done))
                await output.WriteLineAsync(Line(snapshot)).ConfigureAwait(false);
            await output.FlushAsync().ConfigureAwait(false);
            await Task.WhenAny(run, Task.Delay(Interval, time)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Conclude(DemoResult result)
    {
        output.WriteLine();
        output.WriteLine(DemoStory.Paragraph(result));
        output.WriteLine();
        foreach (var line in result.Audit)
            output.WriteLine($"{(line.Passed ? "PASS" : "FAIL")}  {line.Name,-9}  {line.Detail}");
        output.WriteLine();
        output.WriteLine(DemoStory.Verdict(result));
        if (DemoStory.Kept(result) is { } kept)
            output.WriteLine(kept);
        output.Flush();
    }

    private string Line(DemoSnapshot now)
    {
        var shards = now.Shards.Where(shard => shard.State != ShardState.Read).Select(shard =>
            $"[{shard.Number}] {_rates.In(shard.ShardId):0}/{_rates.Out(shard.ShardId):0} {shard.LagMilliseconds:0} ms");
        var window = now.Windows.Count == 0 ? "" : Window(now.Windows[^1]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{now.Elapsed.TotalSeconds,3:0} s {(double)now.Processed / now.Total,5:P0}  in {_rates.In():0}/s out {_rates.Out():0}/s  {string.Join("  ", shards)}{window}");
    }

    private static string Window(WindowFigures window) =>
        $"  window {window.Start:HH:mm:ss}: {window.Requests} requests, {Figures.Count(window.ContextTokens + window.GeneratedTokens)} tokens, p95 context {Figures.Count(window.ContextP95)}";
}
