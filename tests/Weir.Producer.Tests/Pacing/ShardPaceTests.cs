using Weir.Model;
using Weir.Producer.Pacing;

namespace Weir.Producer.Tests.Pacing;

public sealed class ShardPaceTests
{
    private const int Bytes = 50_000;

    [Theory]
    [InlineData(100, 1.0)]
    [InlineData(150, 1.5)]
    [InlineData(50, 0.5)]
    public void It_sends_at_its_part_of_the_shards_rate(int percent, double part)
    {
        var pace = new ShardPace(percent, TimeSpan.Zero);
        var sent = Send(pace, seconds: 60, bytes: Bytes);
        Assert.InRange(sent * (double)Bytes / (60 * KinesisLimits.ShardWriteBytesPerSecond), part * 0.99, part * 1.02);
    }

    [Fact]
    public void Small_records_are_held_to_the_rate_of_records() =>
        Assert.InRange(Send(new ShardPace(100, TimeSpan.Zero), seconds: 60, bytes: 10), 60_000, 60_501);

    [Fact]
    public void A_record_larger_than_the_bucket_goes_at_the_rate_too() =>
        Assert.InRange(Send(new ShardPace(100, TimeSpan.Zero), seconds: 60, bytes: 4 * 1024 * 1024), 14, 16);

    [Fact]
    public void Without_a_rate_nothing_waits() => Assert.Equal(TimeSpan.Zero, new ShardPace(0, TimeSpan.Zero).WaitFor(500, 5_000_000, TimeSpan.Zero));

    [Fact]
    public void A_throttle_holds_back_and_takes_a_part_that_comes_back()
    {
        var pace = new ShardPace(100, TimeSpan.Zero);
        var now = TimeSpan.FromSeconds(1);
        pace.Throttled(now, TimeSpan.FromMilliseconds(80));
        Assert.Equal(TimeSpan.FromMilliseconds(80), pace.WaitFor(1, 1, now));
        Assert.Equal(5.0 / 6, pace.Part, 3);
        // More of the same moment take nothing more.
        pace.Throttled(now, TimeSpan.FromMilliseconds(10));
        Assert.Equal(5.0 / 6, pace.Part, 3);
        for (var i = 0; i < 100; i++)
            pace.Throttled(now += TimeSpan.FromMilliseconds(260), TimeSpan.Zero);
        Assert.InRange(pace.Part, 0.05, 0.2);
        pace.WaitFor(1, 1, now + TimeSpan.FromSeconds(20));
        Assert.Equal(1, pace.Part, 3);
    }

    // A sender that goes when it may, with a clock of milliseconds.
    private static int Send(ShardPace pace, int seconds, int bytes)
    {
        var sent = 0;
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(seconds); now += TimeSpan.FromMilliseconds(1))
        {
            while (pace.WaitFor(1, bytes, now) == TimeSpan.Zero)
            {
                pace.Take(1, bytes);
                sent++;
            }
        }

        return sent;
    }
}
