using System.Text.Json;
using Weir.Cli.Bench;
using Weir.Cli.Commands.Bench;

namespace Weir.Cli.Tests.Bench;

/// <summary>The reports of the long measurements compare what they say they compare.</summary>
public sealed class SteadyReportTests
{
    [Fact]
    public void Windows_and_the_seconds_in_which_something_happened_are_added_up_apart()
    {
        var seconds = Enumerable.Range(0, 12).Select(_ => new SteadySecond { ResidentBytes = 100 }).ToList();
        foreach (var second in seconds)
        {
            second.Answered(stored: 1000, failed: 0);
            second.Due(TimeSpan.FromMilliseconds(1));
        }

        seconds[3].SegmentsDeleted = 2;
        seconds[3].SegmentsBegun = 1;
        seconds[3].Due(TimeSpan.FromMilliseconds(50));
        seconds[5].SegmentsBegun = 1;
        seconds[7].StreamDeleted = true;
        seconds[11].ResidentBytes = 150;
        seconds[11].Answered(stored: 0, failed: 7);
        var json = Report(seconds).GetProperty("windows").EnumerateArray().ToList();
        Assert.Equal(6, json.Count);
        Assert.All(json, window => Assert.Equal(1000, window.GetProperty("recordsPerSecond").GetDouble()));
        Assert.Equal((2, 150, 7), (json[1].GetProperty("segmentsDeleted").GetInt32(), json[5].GetProperty("residentBytes").GetInt32(), json[5].GetProperty("failed").GetInt32()));
        var kinds = Report(seconds).GetProperty("seconds").EnumerateArray().ToList();
        Assert.Equal([9, 1, 1, 1], kinds.Select(kind => kind.GetProperty("seconds").GetInt32()));
        Assert.InRange(kinds[2].GetProperty("maxMilliseconds").GetDouble(), 50, 51);
        Assert.InRange(kinds[0].GetProperty("maxMilliseconds").GetDouble(), 1, 1.1);
    }

    [Fact]
    public void The_ratio_to_idle_is_the_middle_one_of_the_rounds()
    {
        var (idle, disturbed) = (new FairnessMode("idle"), new FairnessMode("disturbed"));
        // The machine was slow in the second round, for both.
        idle.P99.AddRange([TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(1)]);
        disturbed.P99.AddRange([TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(4)]);
        Assert.Equal(3, BenchFairnessCommand.RatioToIdle(disturbed, idle));
        Assert.Equal(1, BenchFairnessCommand.RatioToIdle(idle, idle));
    }

    private static JsonElement Report(List<SteadySecond> seconds)
    {
        var plan = new LoadPlan
        {
            Stream = "s",
            Region = "us-east-1",
            Connections = 1,
            RecordBytes = 1,
            Batch = 1,
            RecordsPerSecond = 0,
            Keys = 1,
            Duration = TimeSpan.FromSeconds(seconds.Count),
            Warmup = TimeSpan.Zero,
        };
        var maximum = new LoadResult { Measured = TimeSpan.FromSeconds(1) };
        return JsonSerializer.Deserialize<JsonElement>(new SteadyReport(plan, 70, "fsync", new SteadyFigures(maximum, 1000, seconds, 2)).Json());
    }
}
