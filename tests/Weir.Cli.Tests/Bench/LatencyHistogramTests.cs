using FsCheck;
using FsCheck.Fluent;
using Weir.Cli.Bench;

namespace Weir.Cli.Tests.Bench;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void A_percentile_is_never_below_the_real_one_and_at_most_one_percent_above() =>
        Prop.ForAll(
            ArbMap.Default.GeneratorFor<PositiveInt>().Select(value => (long)value.Get * 37).NonEmptyListOf().ToArbitrary(),
            ArbMap.Default.GeneratorFor<byte>().Select(value => value * 100.0 / 255).ToArbitrary(),
            (ticks, percent) =>
            {
                var histogram = new LatencyHistogram();
                foreach (var value in ticks)
                    histogram.Add(TimeSpan.FromTicks(value));
                var sorted = ticks.Order().ToList();
                var real = sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * (percent / 100)) - 1)];
                var shown = histogram.Percentile(percent).Ticks;
                return shown >= real && shown <= (real * 1.01) + 1;
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_maximum_is_exact_and_the_last_percentile()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromTicks(3));
        histogram.Add(TimeSpan.FromTicks(123_456_789));

        Assert.Equal(TimeSpan.FromTicks(123_456_789), histogram.Max);
        Assert.Equal(histogram.Max, histogram.Percentile(100));
        Assert.Equal(2, histogram.Count);
    }

    [Fact]
    public void Adding_up_is_the_same_as_counting_together()
    {
        var random = new Random(3);
        var (one, other, both) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 10_000; i++)
        {
            var value = TimeSpan.FromTicks((long)Math.Exp(random.NextDouble() * 20));
            (i % 3 == 0 ? one : other).Add(value);
            both.Add(value);
        }

        one.Add(other);

        Assert.Equal(both.Count, one.Count);
        Assert.Equal(both.Max, one.Max);
        Assert.All([0.1, 50, 90, 99, 99.9, 100], percent => Assert.Equal(both.Percentile(percent), one.Percentile(percent)));
    }

    [Fact]
    public void Extremes_stay_inside()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromTicks(-5));
        histogram.Add(TimeSpan.FromDays(3));

        Assert.Equal(TimeSpan.Zero, histogram.Percentile(1));
        Assert.InRange(histogram.Max, TimeSpan.FromHours(1), TimeSpan.FromDays(1));
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(99));
    }
}
