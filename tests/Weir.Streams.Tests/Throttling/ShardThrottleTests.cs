using Weir.Model;
using Weir.Streams.Throttling;
using Weir.TestKit;

namespace Weir.Streams.Tests.Throttling;

public sealed class ShardThrottleTests
{
    private readonly ManualTimeProvider _time = new(EngineFixture.Begin);

    [Fact]
    public void A_thousand_records_pass_at_once_and_then_one_a_millisecond()
    {
        var throttle = new ShardThrottle(_time, KinesisLimits.DefaultMaxRecordBytes);
        for (var i = 0; i < KinesisLimits.ShardWriteRecordsPerSecond; i++)
            Assert.True(throttle.TryWrite(1));
        Assert.False(throttle.TryWrite(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(throttle.TryWrite(1));
        Assert.False(throttle.TryWrite(1));
    }

    [Fact]
    public void A_mebibyte_passes_at_once_and_a_refusal_takes_from_neither_bucket()
    {
        var throttle = new ShardThrottle(_time, KinesisLimits.DefaultMaxRecordBytes);
        Assert.True(throttle.TryWrite(KinesisLimits.ShardWriteBytesPerSecond - 10));
        Assert.False(throttle.TryWrite(11));
        Assert.True(throttle.TryWrite(10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(throttle.TryWrite(KinesisLimits.ShardWriteBytesPerSecond));
    }

    [Fact]
    public void A_stream_with_large_records_has_room_for_one_of_them()
    {
        const int large = 10 * 1024 * 1024;
        var throttle = new ShardThrottle(_time, large);
        Assert.True(throttle.TryWrite(large));
        Assert.False(throttle.TryWrite(1));
    }

    [Fact]
    public void Five_reads_a_second_are_served()
    {
        var throttle = new ShardThrottle(_time, KinesisLimits.DefaultMaxRecordBytes);
        for (var i = 0; i < KinesisLimits.ShardReadsPerSecond; i++)
        {
            Assert.True(throttle.TryBeginRead());
            throttle.EndRead(0, hitCap: false);
        }

        Assert.False(throttle.TryBeginRead());
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(throttle.TryBeginRead());
    }

    [Fact]
    public void A_read_beyond_the_rate_is_paid_back_before_the_next()
    {
        var throttle = new ShardThrottle(_time, KinesisLimits.DefaultMaxRecordBytes);
        Assert.True(throttle.TryBeginRead());
        throttle.EndRead(3 * KinesisLimits.ShardReadBytesPerSecond, hitCap: false);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(throttle.TryBeginRead());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(throttle.TryBeginRead());
    }

    [Fact]
    public void A_read_that_hits_the_cap_pauses_the_shard_for_five_seconds()
    {
        var throttle = new ShardThrottle(_time, KinesisLimits.DefaultMaxRecordBytes);
        Assert.True(throttle.TryBeginRead());
        throttle.EndRead(KinesisLimits.ShardReadBytesPerSecond, hitCap: true);
        _time.Advance(KinesisLimits.FullReadPause - TimeSpan.FromMilliseconds(1));
        Assert.False(throttle.TryBeginRead());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(throttle.TryBeginRead());
    }

    [Fact]
    public void Five_iterators_a_second_are_given()
    {
        var throttle = new ShardThrottle(_time, KinesisLimits.DefaultMaxRecordBytes);
        for (var i = 0; i < KinesisLimits.ShardIteratorsPerSecond; i++)
            Assert.True(throttle.TryTakeIterator());
        Assert.False(throttle.TryTakeIterator());
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(throttle.TryTakeIterator());
    }
}
