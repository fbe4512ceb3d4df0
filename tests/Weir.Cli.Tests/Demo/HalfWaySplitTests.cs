using Weir.Cli.Demo;
using Weir.Model;

namespace Weir.Cli.Tests.Demo;

public sealed class HalfWaySplitTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 25)]
    [InlineData(4, 100)]
    public void The_cut_is_the_one_that_comes_nearest_to_two_halves(int seed, int count)
    {
        var random = new Random(seed);
        var keys = Enumerable.Range(0, count).ToDictionary(i => $"tenant-{i}", _ => random.Next(1, 500));

        Assert.True(HashKey.TryParse(HalfWaySplit.MiddleOfLoad(keys), out var cut));

        var bruteForce = keys.Keys.Select(HashKey.Of).Order().Skip(1).Min(hash => Difference(keys, hash));
        Assert.Equal(bruteForce, Difference(keys, cut));
        Assert.Contains(keys.Keys, key => HashKey.Of(key) < cut);
    }

    private static int Difference(Dictionary<string, int> keys, HashKey cut) =>
        Math.Abs(keys.Sum(key => HashKey.Of(key.Key) < cut ? key.Value : -key.Value));
}
