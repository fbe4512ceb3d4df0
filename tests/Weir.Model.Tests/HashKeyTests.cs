using FsCheck;
using FsCheck.Fluent;
using Weir.Model;

namespace Weir.Model.Tests;

public sealed class HashKeyTests
{
    [Theory]
    [InlineData("a", "16955237001963240173058271559858726497")]
    [InlineData("key1", "258772850759514212175119384033924506317")]
    [InlineData("partitionKey", "193318062818912349798954611745638949166")]
    [InlineData("\u20AC", "250752887591472196339670448948845824634")]
    public void Hash_key_is_MD5_over_UTF8(string partitionKey, string expected) =>
        Assert.Equal(expected, HashKey.Of(partitionKey).ToString());

    [Fact]
    public void Three_shards_start_where_the_spec_says()
    {
        var ranges = HashKeyRange.Uniform(3);
        Assert.Equal("113427455640312821154458202477256070484", ranges[0].End.ToString());
        Assert.Equal("113427455640312821154458202477256070485", ranges[1].Start.ToString());
        Assert.Equal("226854911280625642308916404954512140969", ranges[1].End.ToString());
        Assert.Equal(HashKey.Max, ranges[2].End);
    }

    [Fact]
    public void Powers_of_two_divide_the_space_evenly() =>
        Assert.Equal("170141183460469231731687303715884105728", HashKeyRange.Uniform(2)[1].Start.ToString());

    [Fact]
    public void Uniform_ranges_cover_the_space_exactly_once() =>
        Prop.ForAll(Gen.Choose(1, 5000).ToArbitrary(), count => Covers(HashKeyRange.Uniform(count))).QuickCheckThrowOnFailure();

    [Fact]
    public void Splitting_and_merging_keeps_the_cover() =>
        Prop.ForAll(Gen.Choose(1, 50).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (count, seed) =>
        {
            var ranges = HashKeyRange.Uniform(count).ToList();
            var random = new Random(seed);
            for (var step = 0; step < 40; step++)
            {
                var i = random.Next(ranges.Count);
                if (random.Next(2) == 0 && ranges.Count > 1 && i + 1 < ranges.Count)
                {
                    ranges[i] = ranges[i].MergeWith(ranges[i + 1]);
                    ranges.RemoveAt(i + 1);
                }
                else
                {
                    var at = new HashKey(ranges[i].Start.Value + ((ranges[i].End.Value - ranges[i].Start.Value) / 3));
                    if (!ranges[i].CanSplitAt(at)) continue;
                    var (lower, upper) = ranges[i].SplitAt(at);
                    ranges[i] = lower;
                    ranges.Insert(i + 1, upper);
                }
            }

            return Covers(ranges);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_split_point_lies_strictly_between_start_plus_one_and_end()
    {
        var range = new HashKeyRange(new HashKey(10), new HashKey(20));
        Assert.False(range.CanSplitAt(new HashKey(11)));
        Assert.True(range.CanSplitAt(new HashKey(12)));
        Assert.True(range.CanSplitAt(new HashKey(19)));
        Assert.False(range.CanSplitAt(new HashKey(20)));
    }

    [Fact]
    public void No_part_of_a_split_is_empty()
    {
        var range = new HashKeyRange(new HashKey(10), new HashKey(20));
        Assert.Throws<ArgumentOutOfRangeException>(() => range.SplitAt(new HashKey(10)));
        Assert.Throws<ArgumentOutOfRangeException>(() => range.SplitAt(new HashKey(21)));
        Assert.Equal((new HashKeyRange(new HashKey(10), new HashKey(10)), new HashKeyRange(new HashKey(11), new HashKey(20))), range.SplitAt(new HashKey(11)));
        Assert.Equal(new HashKeyRange(new HashKey(20), new HashKey(20)), range.SplitAt(new HashKey(20)).Upper);
    }

    [Fact]
    public void Two_to_the_128_is_no_hash_key()
    {
        Assert.True(HashKey.TryParse("340282366920938463463374607431768211455", out var max));
        Assert.Equal(HashKey.Max, max);
        Assert.False(HashKey.TryParse("340282366920938463463374607431768211456", out _));
    }

    [Theory]
    [InlineData("shardId-000000000005", 5)]
    [InlineData("5", 5)]
    [InlineData("foo-5", 5)]
    [InlineData("shardId-5", 5)]
    [InlineData("shardId-2147483647", int.MaxValue)]
    [InlineData("shardId-2147483648", -1)]
    [InlineData("shardId", -1)]
    [InlineData("shardId-", -1)]
    [InlineData("a-b-5", -1)]
    [InlineData("", -1)]
    public void Shard_ids_are_normalized_as_the_service_does(string text, int expected)
    {
        Assert.Equal(expected >= 0, ShardId.TryNormalize(text, out var id));
        if (expected >= 0) Assert.Equal($"shardId-{expected:D12}", id.ToString());
    }

    [Fact]
    public void Arns_print_and_read_back()
    {
        var name = new StreamName("000000000000", "eu-west-1", "orders");
        Assert.Equal("arn:aws:kinesis:eu-west-1:000000000000:stream/orders", name.Arn);
        Assert.True(StreamName.TryParseArn(name.Arn, out var read));
        Assert.Equal(name, read);
        Assert.False(StreamName.TryParseArn("arn:aws:kinesis:eu-west-1:000000000000:stream/", out _));
        Assert.False(StreamName.TryParseArn("orders", out _));
    }

    private static bool Covers(IReadOnlyList<HashKeyRange> ranges)
    {
        var covered = ranges[0].Start == HashKey.Min && ranges[^1].End == HashKey.Max;
        for (var i = 0; i + 1 < ranges.Count; i++)
            covered &= ranges[i].IsFollowedBy(ranges[i + 1]);
        return covered;
    }
}
