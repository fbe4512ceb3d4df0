using Weir.Producer.HotKeys;

namespace Weir.Producer.Tests.HotKeys;

public sealed class HeavyHittersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_heavy_key_is_found_among_many_and_never_said_to_be_heavier_than_it_is(int seed)
    {
        var sketch = new HeavyHitters();
        var random = new Random(seed);
        const int Records = 200_000;
        var heavy = 0;
        for (var i = 0; i < Records; i++)
        {
            // A fifth of all, the others by tens of thousands of keys.
            var isHeavy = random.Next(5) == 0;
            heavy += isHeavy ? 1 : 0;
            sketch.Add(isHeavy ? "hot" : $"cold-{random.Next(50_000)}", 100);
        }

        var found = sketch.Read().MaxBy(key => key.Bytes);
        Assert.Equal("hot", found.Key);
        Assert.InRange(found.Bytes, 0.85 * heavy * 100, 1.1 * heavy * 100);
        Assert.InRange(found.Records, 0.85 * heavy, 1.1 * heavy);
        Assert.All(sketch.Read().Where(key => key.Key != "hot"), key => Assert.InRange(key.Bytes, 0, heavy * 10));
    }

    [Fact]
    public void It_keeps_few_keys_and_forgets_them()
    {
        var sketch = new HeavyHitters();
        for (var i = 0; i < 10_000; i++)
            sketch.Add($"key-{i}", 10);
        Assert.Equal(HeavyHitters.Places, sketch.Read().Count());
        sketch.Clear();
        Assert.Empty(sketch.Read());
    }
}
