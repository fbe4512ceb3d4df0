using Spectre.Console;
using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

public sealed class DemoPictureTests
{
    [Theory]
    [InlineData(DemoTerminal.MinWidth, DemoTerminal.MinHeight)]
    [InlineData(56, 20)]
    [InlineData(71, 24)]
    [InlineData(72, 24)]
    [InlineData(80, 24)]
    [InlineData(99, 30)]
    [InlineData(100, 30)]
    [InlineData(120, 40)]
    [InlineData(250, 80)]
    public void The_picture_fits_the_screen_before_and_after_the_split(int width, int height)
    {
        foreach (var shards in (int[])[4, 6])
        {
            var lines = Draw(shards, new ScreenSize(width, height));

            // The last line is the cursor's.
            Assert.InRange(lines.Length, 1, height - 1);
            Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
            Assert.Contains(lines, line => line.Contains("lag p50 112 p99 211 ms", StringComparison.Ordinal));
            Assert.Equal(shards, lines.Count(line => line.Contains("open", StringComparison.Ordinal) || line.Contains("read ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void At_80_by_24_six_windows_are_seen_beside_six_shards()
    {
        var lines = Draw(shards: 6, new ScreenSize(80, 24));

        Assert.Equal(6, lines.Count(line => line.Contains("│ 18:", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("50 %", StringComparison.Ordinal) && line.Contains("9,683 of 19,366", StringComparison.Ordinal));
    }

    [Fact]
    public void A_screen_that_became_tiny_is_survived()
    {
        foreach (var width in Enumerable.Range(1, 50))
            Draw(shards: 6, new ScreenSize(width, 3));
    }

    [Theory]
    [InlineData(0, 10, "")]
    [InlineData(100, 10, "██████████")]
    [InlineData(50, 10, "█████")]
    [InlineData(55, 10, "█████▌")]
    [InlineData(1, 10, "▏")]
    public void A_bar_is_as_long_as_its_value(int value, int width, string bar) => Assert.Equal(bar, Bars.Of(value, 100, width));

    private static string[] Draw(int shards, ScreenSize size)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = size.Width;
        var time = new HurryingClock();
        var rates = new DemoRates(time);
        var snapshot = Snapshot(shards);
        rates.Add(snapshot);
        console.Write(DemoPicture.Of(snapshot, rates, new DemoOptions(), size));
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    private static DemoSnapshot Snapshot(int shards)
    {
        var start = new DateTime(2023, 11, 16, 18, 0, 0, DateTimeKind.Utc);
        return new DemoSnapshot(
            0,
            DemoPhase.Replaying,
            TimeSpan.FromSeconds(29),
            19_366,
            9_690,
            9_683,
            0,
            [.. Enumerable.Range(0, shards).Select(i => new ShardFigures($"shardId-{i:D12}", i == 3 && shards > 4 ? ShardState.Read : ShardState.Open, 2400, 268_800, 2390, 1180))],
            [.. Enumerable.Range(0, 40).Select(i => new WindowFigures(start.AddSeconds(10 * i), 50 + i, 60_000, 12_000, 4_142))],
            new LatencyFigures(1.3, 14.4),
            new LatencyFigures(112, 211));
    }
}
