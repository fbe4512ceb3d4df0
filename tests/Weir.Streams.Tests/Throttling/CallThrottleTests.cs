using FsCheck;
using FsCheck.Fluent;
using Weir.Streams.Throttling;
using Weir.TestKit;

namespace Weir.Streams.Tests.Throttling;

public sealed class CallThrottleTests
{
    private readonly ManualTimeProvider _time = new(EngineFixture.Begin);

    [Fact]
    public void A_second_s_calls_pass_at_once_and_then_one_for_each_share_of_a_second()
    {
        var throttle = new CallThrottle(_time);
        for (var i = 0; i < 5; i++)
            Assert.True(throttle.TryTake(Key("orders"), 5));
        Assert.False(throttle.TryTake(Key("orders"), 5));
        _time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.False(throttle.TryTake(Key("orders"), 5));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(throttle.TryTake(Key("orders"), 5));
        Assert.False(throttle.TryTake(Key("orders"), 5));
        _time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 5; i++)
            Assert.True(throttle.TryTake(Key("orders"), 5));
        Assert.False(throttle.TryTake(Key("orders"), 5));
    }

    [Fact]
    public void Operations_accounts_regions_and_streams_count_apart()
    {
        var throttle = new CallThrottle(_time);
        Assert.True(throttle.TryTake(Key("orders"), 1));
        Assert.True(throttle.TryTake(Key("returns"), 1));
        Assert.True(throttle.TryTake(Key(null), 1));
        Assert.True(throttle.TryTake(Key("orders") with { Operation = "SplitShard" }, 1));
        Assert.True(throttle.TryTake(Key("orders") with { Account = "111111111111" }, 1));
        Assert.True(throttle.TryTake(Key("orders") with { Region = "eu-west-1" }, 1));
        Assert.False(throttle.TryTake(Key("orders"), 1));
    }

    // The throttle forgets; a bucket of each key's own that is never forgotten decides the same at every step.
    [Fact]
    public void Forgetting_a_bucket_changes_no_decision() => Prop.ForAll(
        Gen.Choose(0, 2).Zip(Gen.Choose(0, 900)).ListOf(300).ToArbitrary(), steps =>
        {
            var throttle = new CallThrottle(_time);
            var kept = Enumerable.Range(0, 3).Select(_ => new TokenBucket(3, 3, _time.GetTimestamp())).ToArray();
            foreach (var (which, milliseconds) in steps)
            {
                // Mostly bursts, else pauses up to a generation: long enough in twos and threes to be forgotten.
                _time.Advance(TimeSpan.FromMilliseconds(milliseconds < 600 ? 0 : (milliseconds - 600) * 4));
                kept[which].Refill(_time.GetTimestamp(), _time);
                var expected = kept[which].Tokens >= 1;
                if (expected)
                    kept[which].Take(1);
                if (throttle.TryTake(Key($"stream-{which}"), 3) != expected)
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Names_that_nobody_asks_for_any_more_are_forgotten()
    {
        var throttle = new CallThrottle(_time);
        for (var i = 0; i < 1000; i++)
            throttle.TryTake(Key($"stream-{i}"), 5);
        Assert.Equal(1000, throttle.Buckets);
        _time.Advance(TimeSpan.FromSeconds(1));
        throttle.TryTake(Key("orders"), 5);
        Assert.Equal(1001, throttle.Buckets);
        _time.Advance(TimeSpan.FromSeconds(1));
        throttle.TryTake(Key("orders"), 5);
        Assert.Equal(1, throttle.Buckets);
    }

    [Fact]
    public void A_flood_of_names_takes_bounded_memory_and_shares_one_bucket_beyond_it()
    {
        var throttle = new CallThrottle(_time);
        Assert.True(throttle.TryTake(Key("orders"), 2));
        for (var i = 1; i < CallThrottle.MaxBuckets; i++)
            Assert.True(throttle.TryTake(Key($"stream-{i}"), 2));
        Assert.True(throttle.TryTake(Key("one too many"), 2));
        Assert.True(throttle.TryTake(Key("another"), 2));
        Assert.False(throttle.TryTake(Key("a third"), 2));
        Assert.True(throttle.TryTake(Key("a third") with { Operation = "SplitShard" }, 2));
        Assert.True(throttle.TryTake(Key("orders"), 2), "What was there before the flood keeps its own bucket.");
        Assert.False(throttle.TryTake(Key("orders"), 2));
        Assert.Equal(CallThrottle.MaxBuckets + 2, throttle.Buckets);
        for (var second = 0; second < 3; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < CallThrottle.MaxBuckets * 2; i++)
                throttle.TryTake(Key($"stream-{second}-{i}"), 2);
            Assert.InRange(throttle.Buckets, 1, (CallThrottle.MaxBuckets + 2) * 2);
        }
    }

    private static CallKey Key(string? stream) => new("MergeShards", "000000000000", "us-east-1", stream);
}
