using Weir.Model;
using Weir.Producer.Records;

namespace Weir.Producer.Tests.Records;

public sealed class HashKeyCacheTests
{
    [Fact]
    public void Every_key_has_its_own_hash_key_however_many_share_a_place()
    {
        var cache = new HashKeyCache();
        var random = new Random(1);
        for (var i = 0; i < 200_000; i++)
        {
            var key = $"schlüssel-{random.Next(random.Next(2) == 0 ? 50 : 20_000)}";
            Assert.Equal(HashKey.Of(key), cache.Of(key));
        }
    }

    [Fact]
    public void Threads_that_share_it_get_what_is_right()
    {
        var cache = new HashKeyCache();
        Parallel.For(0, 200_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var key = $"key-{i * 31L % 6_000}";
            Assert.Equal(HashKey.Of(key), cache.Of(key));
        });
    }

    [Fact]
    public void The_longest_key_fits()
    {
        var key = new string('鍵', KinesisLimits.MaxPartitionKeyCharacters);
        Assert.Equal(HashKey.Of(key), new HashKeyCache().Of(key));
    }

    [Fact]
    public void A_key_that_comes_again_costs_no_memory()
    {
        var cache = new HashKeyCache();
        var key = "the-key";
        for (var i = 0; i < 100; i++)
            cache.Of(key);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            cache.Of(key);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
