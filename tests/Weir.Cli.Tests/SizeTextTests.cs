namespace Weir.Cli.Tests;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1073741824", 1073741824)]
    [InlineData("512MiB", 536870912)]
    [InlineData("512 mib", 536870912)]
    [InlineData("2GB", 2000000000)]
    [InlineData("3KB", 3000)]
    [InlineData("1TiB", 1099511627776)]
    public void A_size_is_a_number_with_a_unit(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1MiB")]
    [InlineData("1.5GiB")]
    [InlineData("5 bytes")]
    [InlineData("9223372036854775807KB")]
    public void Anything_else_is_none(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Theory]
    [InlineData(2048, "2 KiB")]
    [InlineData(268435456, "256 MiB")]
    [InlineData(1610612736, "1.5 GiB")]
    public void A_size_is_shown_in_binary_units(long bytes, string text) => Assert.Equal(text, SizeText.Of(bytes));
}
