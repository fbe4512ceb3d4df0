using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

public sealed class DemoWindowsTests
{
    // Computed once more by a program in another language, from the file alone.
    private const string ChecksumOfTheTrace = "b2fa191a19c6e001b4dd8678d6461bb121340db10d0195e05312bac82b6ea57e";

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(95)]
    [InlineData(99)]
    [InlineData(100)]
    public void Nearest_rank_is_the_smallest_value_that_enough_values_do_not_exceed(int percent)
    {
        var random = new Random(percent);
        for (var count = 1; count <= 130; count++)
        {
            var sorted = Enumerable.Range(0, count).Select(_ => random.Next(40)).Order().ToArray();
            var bruteForce = sorted.First(value => sorted.Count(other => other <= value) * 100 >= percent * count);
            Assert.Equal(bruteForce, NearestRank.Of<int>(sorted, percent));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Windows_are_what_grouping_the_rows_gives(int seed)
    {
        var rows = RandomRows(seed, count: 2000);

        var expected = rows
            .GroupBy(row => row.Time.Ticks / TimeSpan.FromSeconds(10).Ticks)
            .OrderBy(window => window.Key)
            .Select(window => new WindowFigures(
                new DateTime(window.Key * TimeSpan.FromSeconds(10).Ticks, DateTimeKind.Utc),
                window.Count(),
                window.Sum(row => (long)row.ContextTokens),
                window.Sum(row => (long)row.GeneratedTokens),
                window.Select(row => row.ContextTokens).Order().First(
                    length => window.Count(row => row.ContextTokens <= length) * 100 >= 95 * window.Count())));

        Assert.Equal(expected, DemoWindows.Of(rows).All());
    }

    [Fact]
    public void A_window_begins_at_a_multiple_of_ten_seconds_and_ends_before_the_next()
    {
        var start = new DateTime(2023, 11, 16, 18, 15, 40, DateTimeKind.Utc);
        TraceRow[] rows = [new(1, start, 10, 1), new(2, start.AddSeconds(10).AddTicks(-1), 20, 2), new(3, start.AddSeconds(10), 30, 3)];

        Assert.Equal(
            ["2023-11-16T18:15:40Z requests=2 context=30 generated=3 p95=20", "2023-11-16T18:15:50Z requests=1 context=30 generated=3 p95=30"],
            DemoWindows.Of(rows).All().Select(window => window.Canonical()));
    }

    [Fact]
    public void The_checksum_of_the_trace_stays()
    {
        var windows = DemoWindows.Of(TraceFile.Read(TraceFile.Shipped));

        Assert.Equal((351, ChecksumOfTheTrace), (windows.Count, windows.Checksum()));
    }

    [Fact]
    public void The_order_of_the_rows_makes_no_difference_to_the_checksum()
    {
        var rows = RandomRows(seed: 7, count: 1000);
        var shuffled = rows.ToArray();
        new Random(8).Shuffle(shuffled);

        Assert.Equal(DemoWindows.Of(rows).Checksum(), DemoWindows.Of(shuffled).Checksum());
    }

    [Fact]
    public void Every_change_of_a_row_that_counts_changes_the_checksum()
    {
        var rows = RandomRows(seed: 9, count: 200);
        var checksum = DemoWindows.Of(rows).Checksum();
        var row = rows[100];

        Assert.All<IEnumerable<TraceRow>>(
            [
                rows.Where(other => other != row),
                rows.Append(row),
                rows.Select(other => other == row ? row with { GeneratedTokens = row.GeneratedTokens + 1 } : other),
                rows.Select(other => other == row ? row with { ContextTokens = row.ContextTokens + 1 } : other),
                rows.Select(other => other == row ? row with { Time = row.Time.AddSeconds(10) } : other),
            ],
            changed => Assert.NotEqual(checksum, DemoWindows.Of(changed).Checksum()));
    }

    [Fact]
    public void Only_windows_that_are_complete_are_shown()
    {
        var start = new DateTime(2023, 11, 16, 18, 0, 0, DateTimeKind.Utc);
        var windows = DemoWindows.Of(Enumerable.Range(0, 60).Select(second => new TraceRow(second + 1, start.AddSeconds(second), 1, 1)));

        Assert.Equal([start.AddSeconds(10), start.AddSeconds(20)], windows.Last(2, completeUpTo: start.AddSeconds(39)).Select(window => window.Start));
        Assert.Empty(windows.Last(2, completeUpTo: start.AddSeconds(9)));
        Assert.Empty(windows.Last(2, completeUpTo: default));
    }

    private static List<TraceRow> RandomRows(int seed, int count)
    {
        var random = new Random(seed);
        var start = new DateTime(2023, 11, 16, 18, 0, 0, DateTimeKind.Utc);
        return [.. Enumerable.Range(1, count).Select(number =>
            new TraceRow(number, start.AddTicks(random.NextInt64(TimeSpan.FromMinutes(5).Ticks)), random.Next(5000), random.Next(500)))];
    }
}
