using Weir.TestKit;

namespace Weir.Streams.Tests;

/// <summary>The time that retention deletes by follows the clock back at once, and forward after an hour.</summary>
public sealed class RetentionClockTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void In_peace_it_is_the_clock()
    {
        var clock = new RetentionClock(_time);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(_time.GetUtcNow(), clock.Now());
            _time.Advance(TimeSpan.FromMinutes(i));
        }
    }

    [Fact]
    public void A_jump_forward_counts_after_an_hour_and_time_goes_on_meanwhile()
    {
        var clock = new RetentionClock(_time);
        var before = clock.Now();
        _time.ShiftWallClock(TimeSpan.FromHours(7));
        Assert.Equal(before, clock.Now());
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(before + TimeSpan.FromMinutes(59), clock.Now());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(_time.GetUtcNow(), clock.Now());
        Assert.Equal(before + TimeSpan.FromHours(8), clock.Now());
    }

    [Fact]
    public void A_jump_back_counts_at_once()
    {
        var clock = new RetentionClock(_time);
        clock.Now();
        _time.ShiftWallClock(TimeSpan.FromHours(-7));
        Assert.Equal(_time.GetUtcNow(), clock.Now());
    }

    [Fact]
    public void Forward_and_back_again_leaves_nothing()
    {
        var clock = new RetentionClock(_time);
        for (var i = 0; i < 10; i++)
        {
            _time.ShiftWallClock(TimeSpan.FromHours(7));
            clock.Now();
            _time.Advance(TimeSpan.FromMinutes(40));
            clock.Now();
            _time.ShiftWallClock(TimeSpan.FromHours(-7));
            Assert.Equal(_time.GetUtcNow(), clock.Now());
        }
    }

    [Fact]
    public void A_second_jump_forward_has_to_last_by_itself()
    {
        var clock = new RetentionClock(_time);
        var before = clock.Now();
        _time.ShiftWallClock(TimeSpan.FromHours(7));
        clock.Now();
        _time.Advance(TimeSpan.FromMinutes(40));
        _time.ShiftWallClock(TimeSpan.FromHours(7));
        Assert.Equal(before + TimeSpan.FromMinutes(40), clock.Now());
        _time.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal(before + TimeSpan.FromMinutes(80), clock.Now());
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(_time.GetUtcNow(), clock.Now());
    }

    [Fact]
    public void A_clock_that_drifts_is_followed()
    {
        var clock = new RetentionClock(_time);
        for (var minutes = 0; minutes < 600; minutes++)
        {
            clock.Now();
            _time.Advance(TimeSpan.FromMinutes(1));
            _time.ShiftWallClock(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(_time.GetUtcNow(), clock.Now());
    }
}
