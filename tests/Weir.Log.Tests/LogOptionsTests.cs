namespace Weir.Log.Tests;

public sealed class LogOptionsTests
{
    [Theory]
    [InlineData("fsync")]
    [InlineData("os")]
    [InlineData("interval=100ms")]
    public void Durability_prints_as_it_is_written(string text) => Assert.Equal(text, Durability.Parse(text).ToString());

    [Fact]
    public void Intervals_may_be_given_in_seconds() => Assert.Equal(Durability.Interval(TimeSpan.FromSeconds(2)), Durability.Parse("interval=2s"));

    [Theory]
    [InlineData("")]
    [InlineData("Fsync")]
    [InlineData("interval")]
    [InlineData("interval=")]
    [InlineData("interval=s")]
    [InlineData("interval=ms")]
    [InlineData("interval=0ms")]
    [InlineData("interval=-5ms")]
    [InlineData("interval=61s")]
    [InlineData("interval=100")]
    public void What_is_no_durability_is_refused(string text) => Assert.Throws<FormatException>(() => Durability.Parse(text));

    [Fact]
    public void An_error_names_the_option_its_value_and_its_range()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new LogOptions { SegmentBytes = 7 }.Validate());
        Assert.Contains("LogOptions.SegmentBytes is 7; it must be between 4096 and 1073741824 bytes", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LogOptions { TotalQueueBytes = LogOptions.DefaultQueueBytes - 1 }.Validate());
        new LogOptions().Validate();
    }
}
