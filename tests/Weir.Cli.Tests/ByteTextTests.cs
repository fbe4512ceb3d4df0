namespace Weir.Cli.Tests;

public sealed class ByteTextTests
{
    [Theory]
    [InlineData("1B", 1)]
    [InlineData("64KB", 64_000)]
    [InlineData("500mb", 500_000_000)]
    [InlineData("1.5GB", 1_500_000_000)]
    [InlineData("2TB", 2_000_000_000_000)]
    public void A_size_is_a_number_and_a_decimal_unit(string text, long bytes)
    {
        Assert.True(ByteText.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("GB")]
    [InlineData("-1GB")]
    [InlineData("1 GB")]
    [InlineData("1GiB")]
    [InlineData("99999999999999999999TB")]
    public void Anything_else_is_none(string text) => Assert.False(ByteText.TryParse(text, out _));

    [Fact]
    public void Outside_its_range_it_is_refused_with_the_range()
    {
        var exception = Assert.Throws<FormatException>(() => ByteText.Reader(1_000_000, 5_000_000)("6MB"));
        Assert.Contains("1.0 MB to 5.0 MB", exception.Message, StringComparison.Ordinal);
    }
}
