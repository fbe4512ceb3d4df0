using System.Text.Json;
using Weir.Cli.Bench;

namespace Weir.Cli.Tests.Bench;

public sealed class BenchReportTests
{
    private static readonly LoadPlan Plan = new()
    {
        Stream = "s", Region = "us-east-1", Connections = 1, RecordBytes = 1000, Batch = 10, RecordsPerSecond = 0, Keys = 1,
        Duration = TimeSpan.FromSeconds(1), Warmup = TimeSpan.Zero,
    };

    [Fact]
    public void The_ratio_to_the_lower_takes_the_slower_reference_of_each_round()
    {
        using var json = JsonDocument.Parse(Report(
            ("baseline", 1, 1000), ("weir", 1, 500), ("device", 1, 2000),
            ("baseline", 2, 4000), ("weir", 2, 500), ("device", 2, 500)).Json());

        Assert.Equal([0.125, 0.3125, 0.5], Ratios(json, "ratioToBaseline"));
        Assert.Equal([0.25, 0.625, 1], Ratios(json, "ratioToDevice"));
        Assert.Equal([0.5, 0.75, 1], Ratios(json, "ratioToLower"));
    }

    [Fact]
    public void A_reference_that_was_not_measured_has_no_ratio()
    {
        using var json = JsonDocument.Parse(Report(("baseline", 1, 1000), ("weir", 1, 500)).Json());

        Assert.Equal([0.5, 0.5, 0.5], Ratios(json, "ratioToBaseline"));
        Assert.False(json.RootElement.TryGetProperty("ratioToDevice", out _));
        Assert.False(json.RootElement.TryGetProperty("ratioToLower", out _));
    }

    private static BenchReport Report(params (string Target, int Number, long Records)[] rounds) => new(
        Plan, new Uri("http://127.0.0.1:1"), shards: 1, ServerFacts.Unknown,
        [.. rounds.Select(round => new BenchRound(round.Target, round.Number, new LoadResult { Measured = TimeSpan.FromSeconds(1), Records = round.Records, Bytes = round.Records * 1000 }))]);

    private static double[] Ratios(JsonDocument json, string member)
    {
        var ratio = json.RootElement.GetProperty(member);
        return [ratio.GetProperty("min").GetDouble(), ratio.GetProperty("median").GetDouble(), ratio.GetProperty("max").GetDouble()];
    }
}
