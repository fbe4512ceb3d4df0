using Weir.Cli.Put;

namespace Weir.Cli.Tests.Put;

public sealed class UnstoredLinesTests
{
    [Theory]
    [InlineData("line 7 was not put", 7)]
    [InlineData("2 lines were not put (1 to 2)", 1, 2)]
    [InlineData("5 lines were not put (3, 5 to 7, 9)", 3, 5, 6, 7, 9)]
    public void Lines_are_named(string text, params int[] lines) => Assert.Equal(text, Of(lines.Select(line => (long)line)).ToString());

    [Fact]
    public void Of_very_many_the_first_and_the_last_are_named()
    {
        // Every second line from 1 to 59, and then a range.
        var text = Of(Enumerable.Range(0, 30).Select(number => (2L * number) + 1).Concat([100, 101, 102])).ToString();

        Assert.StartsWith("33 lines were not put (1, 3, 5, ", text, StringComparison.Ordinal);
        Assert.EndsWith(", 37, 39, and 13 more up to 102)", text, StringComparison.Ordinal);
    }

    private static UnstoredLines Of(IEnumerable<long> lines)
    {
        var unstored = new UnstoredLines();
        foreach (var line in lines)
            unstored.Add(line);
        return unstored;
    }
}
