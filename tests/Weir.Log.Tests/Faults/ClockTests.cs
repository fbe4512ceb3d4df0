using Weir.TestKit;

namespace Weir.Log.Tests.Faults;

/// <summary>The machine's clock is set back and forth by hours under a log: times along it never decrease, and indexes do not care.</summary>
public sealed class ClockTests
{
    [Fact]
    public async Task Arrival_times_never_decrease_and_indexes_rise_whatever_the_clock_does()
    {
        await using var log = new FaultyLog();
        await log.OpenAsync();
        var begin = log.Time.GetUtcNow();
        foreach (var hours in new[] { 0, 5, -11, 2, 30, -26, -1, 4 })
        {
            log.Time.ShiftWallClock(TimeSpan.FromHours(hours));
            Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
            await log.CloseAsync();
            await log.OpenAsync();
            Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        }

        var records = log.Log.ReadAll(1);
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (long)i), records.Select(record => record.Index));
        Assert.Equal(records.Select(record => record.Time).Order(), records.Select(record => record.Time));
        // The furthest that the clock went, since then it was always behind.
        Assert.Equal(begin + TimeSpan.FromHours(5 - 11 + 2 + 30), records[^1].Time);
        log.AssertNothingLost();
    }

    [Fact]
    public async Task A_shard_that_ends_while_the_clock_is_back_ends_no_earlier_than_its_last_record()
    {
        await using var log = new FaultyLog();
        await log.OpenAsync();
        await log.AppendAsync(1);
        var last = log.Time.GetUtcNow();
        log.Time.ShiftWallClock(TimeSpan.FromHours(-7));
        await log.CloseShardAsync(1);
        Assert.Equal(last, log.Log.GetShard(1).ClosedAt);
        await log.CloseAsync();
        await log.OpenAsync();
        Assert.Equal(last, log.Log.GetShard(1).ClosedAt);
    }

    [Fact]
    public async Task Records_of_a_time_that_was_too_late_are_kept_until_that_time_has_expired()
    {
        await using var log = new FaultyLog();
        await log.OpenAsync();
        log.Time.ShiftWallClock(TimeSpan.FromHours(9));
        await log.AppendAsync(1);
        log.Time.ShiftWallClock(TimeSpan.FromHours(-9));
        await log.AppendAsync(1);
        log.Time.Advance(TimeSpan.FromHours(8));
        await log.TrimAsync(log.Time.GetUtcNow());
        Assert.Equal(2, log.Log.ReadAll(1).Count);
        log.Time.Advance(TimeSpan.FromHours(2));
        await log.TrimAsync(log.Time.GetUtcNow());
        Assert.Empty(log.Log.ReadAll(1));
    }
}
