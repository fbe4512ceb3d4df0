using Weir.Streams.Catalog;
using Weir.Streams.OnDemand;

namespace Weir.Streams.Tests.OnDemand;

/// <summary>Peaks: how long they count, what is written, and that it stays little.</summary>
public sealed class WritePeaksTests
{
    private const long MiB = 1024 * 1024;
    private static readonly int Today = (int)(EngineFixture.Begin.ToUnixTimeSeconds() / 86_400);

    [Fact]
    public void A_peak_counts_for_the_rest_of_its_day_and_thirty_days_more()
    {
        var peaks = new WritePeaks([]);
        Note(peaks, 9 * MiB, EngineFixture.Begin.AddHours(23));
        Note(peaks, 5 * MiB, EngineFixture.Begin.AddDays(3));
        Assert.Equal(9 * MiB, peaks.Highest(EngineFixture.Begin.AddDays(31).AddMilliseconds(-1)));
        Assert.Equal(5 * MiB, peaks.Highest(EngineFixture.Begin.AddDays(31)));
        Assert.Equal(0, peaks.Highest(EngineFixture.Begin.AddDays(34)));
    }

    [Fact]
    public void Records_count_as_what_they_take_of_a_shard()
    {
        var peaks = new WritePeaks([]);
        peaks.Note(new ShardLoad(1000, 6000), EngineFixture.Begin);
        Assert.Equal(6 * MiB, peaks.Highest(EngineFixture.Begin));
    }

    [Fact]
    public void A_rate_that_four_shards_carry_twice_is_not_noted()
    {
        var peaks = new WritePeaks([]);
        Assert.Null(peaks.Note(new ShardLoad((2 * MiB) - 1, 0), EngineFixture.Begin));
        Assert.Equal(0, peaks.Highest(EngineFixture.Begin));
        Assert.Equal(new WritePeakRow(Today, 2 * MiB), peaks.Note(new ShardLoad(2 * MiB, 0), EngineFixture.Begin));
    }

    [Fact]
    public void The_steepest_day_costs_less_than_a_hundred_writes_and_a_steady_one_a_single_one()
    {
        var peaks = new WritePeaks([]);
        var (writes, stored) = (0, 0L);
        for (var rate = 2 * MiB; rate < 10L * 1024 * MiB; rate += rate / 50)
        {
            if (Note(peaks, rate, EngineFixture.Begin) is { } row)
                (writes, stored) = (writes + 1, row.BytesPerSecond);
            Assert.Equal(rate, peaks.Highest(EngineFixture.Begin));
            Assert.True(stored * 9 / 8 >= rate - 1, "A crash forgets more than an eighth.");
        }

        Assert.InRange(writes, 50, 99);
        var tomorrow = EngineFixture.Begin.AddDays(1);
        Assert.NotNull(Note(peaks, 5 * MiB, tomorrow));
        for (var minute = 0; minute < 1000; minute++)
            Assert.Null(Note(peaks, (5 * MiB) + (minute * 100), tomorrow.AddMinutes(minute)));
    }

    [Fact]
    public void An_average_depends_on_time_and_not_on_how_often_it_is_measured()
    {
        var once = default(ShardLoad).After(new ShardLoad(900, 9), TimeSpan.FromMinutes(10), OnDemandRule.Window);
        var often = default(ShardLoad);
        for (var minute = 0; minute < 10; minute++)
            often = often.After(new ShardLoad(900, 9), TimeSpan.FromMinutes(1), OnDemandRule.Window);
        Assert.Equal(once.BytesPerSecond, often.BytesPerSecond, tolerance: 1e-6);
        Assert.Equal(once.RecordsPerSecond, often.RecordsPerSecond, tolerance: 1e-6);
    }

    private static WritePeakRow? Note(WritePeaks peaks, long rate, DateTimeOffset now)
    {
        var row = peaks.Note(new ShardLoad(rate, 0), now);
        if (row is { } written)
            peaks.NoteStored(written);
        return row;
    }
}
