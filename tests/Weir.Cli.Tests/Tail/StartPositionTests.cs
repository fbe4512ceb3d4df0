using Weir.Cli.Tail;

namespace Weir.Cli.Tests.Tail;

public sealed class StartPositionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("10m", "2026-03-01T11:50:00Z")]
    [InlineData("1d", "2026-02-28T12:00:00Z")]
    [InlineData("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z")]
    [InlineData("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z")]
    [InlineData("2026-03-01 10:00", "2026-03-01T10:00:00Z")]
    [InlineData("2026-03-01", "2026-03-01T00:00:00Z")]
    public void A_time_is_absolute_or_so_long_ago(string text, string expected)
    {
        var position = StartPosition.Parse(text, new FixedTime());

        Assert.Equal("AT_TIMESTAMP", position.Type);
        Assert.Equal(DateTimeOffset.Parse(expected, null), position.Time);
        Assert.Equal("FROM_TIMESTAMP", position.Filter.Type);
        Assert.Equal(position.Time, position.Filter.Timestamp);
    }

    [Theory]
    [InlineData("latest", "LATEST", "AT_LATEST")]
    [InlineData("trim-horizon", "TRIM_HORIZON", "FROM_TRIM_HORIZON")]
    public void The_words_are_the_services_own(string text, string type, string filter)
    {
        var position = StartPosition.Parse(text, new FixedTime());

        Assert.Equal(type, position.Type);
        Assert.Equal(filter, position.Filter.Type);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("10")]
    [InlineData("LATEST")]
    public void Anything_else_is_refused(string text) => Assert.Throws<FormatException>(() => StartPosition.Parse(text, new FixedTime()));

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
