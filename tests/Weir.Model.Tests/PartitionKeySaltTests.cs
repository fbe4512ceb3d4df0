namespace Weir.Model.Tests;

public sealed class PartitionKeySaltTests
{
    [Theory]
    [InlineData("key")]
    [InlineData("a#b")]
    [InlineData("a#7")]
    [InlineData("#")]
    [InlineData("a#")]
    public void A_salt_comes_off_again(string key)
    {
        for (var salt = 0; salt < PartitionKeySalt.MaxSalts; salt += 37)
        {
            var salted = PartitionKeySalt.Add(key, salt);
            Assert.True(PartitionKeySalt.TryRemove(salted, out var original, out var found));
            Assert.Equal((key, salt), (original, found));
            Assert.Equal(key, PartitionKeySalt.Remove(salted));
        }
    }

    [Theory]
    [InlineData("key")]
    [InlineData("key#")]
    [InlineData("key#x")]
    [InlineData("key#07")]
    [InlineData("key#1000")]
    [InlineData("key#-1")]
    [InlineData("key# 1")]
    [InlineData("#5")]
    [InlineData("")]
    public void What_is_no_salt_stays(string key)
    {
        Assert.False(PartitionKeySalt.TryRemove(key, out var original, out _));
        Assert.Equal(key, original);
        Assert.Equal(key, PartitionKeySalt.Remove(key));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1000)]
    public void A_salt_out_of_range_is_refused(int salt) => Assert.Throws<ArgumentOutOfRangeException>(() => PartitionKeySalt.Add("key", salt));

    [Fact]
    public void Salts_reach_many_shards()
    {
        var ranges = HashKeyRange.Uniform(8);
        var reached = Enumerable.Range(0, 64).Select(salt => HashKey.Of(PartitionKeySalt.Add("hot", salt)))
            .Select(hash => Array.FindIndex(ranges, range => range.Contains(hash))).Distinct();
        Assert.Equal(8, reached.Count());
    }
}
