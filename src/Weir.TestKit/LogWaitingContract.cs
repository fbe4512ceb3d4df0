using Weir.Log;
using static Weir.TestKit.LogTestExtensions;

namespace Weir.TestKit;

/// <summary>What every log promises to readers that wait at the tip: they are woken by what concerns them, and by nothing else.</summary>
public abstract class LogWaitingContract : LogReadingContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wait_ends_when_the_shards_next_record_is_durable()
    {
        var log = await OpenAsync();
        for (var i = 1; i <= 50; i++)
        {
            var seen = log.GetShard(1).NextIndex;
            Assert.Equal(i, seen);
            var change = log.WaitForChangeAsync(1, seen, Token);
            Assert.False(change.IsCompleted);
            await log.AppendAsync(1, $"{i}");
            await change;
            Assert.Equal([$"{i}"], log.ReadAll(1, seen).Texts());
        }
    }

    [Fact]
    public async Task A_wait_behind_the_tip_ends_at_once()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "a", "b");
        Assert.True(log.WaitForChangeAsync(1, 1, Token).IsCompletedSuccessfully);
        Assert.True(log.WaitForChangeAsync(1, 2, Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wait_ahead_of_the_tip_lasts_until_its_position_is_passed()
    {
        var log = await OpenAsync();
        var change = log.WaitForChangeAsync(1, 3, Token);
        await log.AppendAsync(1, "a", "b");
        Assert.False(change.IsCompleted);
        await log.AppendAsync(1, "c");
        await change;
    }

    [Fact]
    public async Task Other_shards_wake_nobody()
    {
        var log = await OpenAsync();
        var change = log.WaitForChangeAsync(1, 1, Token);
        await log.AppendAsync(2, "a");
        await log.CloseShardAsync(3);
        await log.AppendAsync(1);
        Assert.False(change.IsCompleted);
        await log.AppendAsync(1, "b");
        await change;
    }

    [Fact]
    public async Task Every_waiter_of_a_shard_is_woken()
    {
        var log = await OpenAsync();
        var changes = Enumerable.Range(0, 20).Select(_ => log.WaitForChangeAsync(1, 1, Token)).ToArray();
        await log.AppendAsync(1, "a");
        await Task.WhenAll(changes);
    }

    [Fact]
    public async Task The_end_of_a_shard_wakes_its_waiters_and_keeps_nobody_waiting()
    {
        var log = await OpenAsync();
        var change = log.WaitForChangeAsync(1, 1, Token);
        await log.CloseShardAsync(1);
        await change;
        Assert.NotNull(log.GetShard(1).ClosedAt);
        Assert.True(log.WaitForChangeAsync(1, 1, Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Closing_the_log_ends_waits_with_an_error()
    {
        var log = await OpenAsync();
        var change = log.WaitForChangeAsync(1, 1, Token);
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => change);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.WaitForChangeAsync(1, 1, Token));
    }

    [Fact]
    public async Task A_cancelled_wait_ends_alone()
    {
        var log = await OpenAsync();
        using var gone = new CancellationTokenSource();
        var left = log.WaitForChangeAsync(1, 1, gone.Token);
        var stays = log.WaitForChangeAsync(1, 1, Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.False(stays.IsCompleted);
        await log.AppendAsync(1, "a");
        await stays;
    }

    [Fact]
    public async Task Followers_that_only_wait_miss_nothing()
    {
        // Appenders and followers beside each other, without a clock that could help a follower out: a lost wake-up hangs it.
        const int Records = 2000, Shards = 2, Followers = 3;
        var log = await OpenAsync(SmallSegments);
        var followers = Enumerable.Range(0, Shards * Followers).Select(n => Task.Run(async () =>
        {
            var (shard, seen) = (n % Shards, 1L);
            while (seen <= Records)
            {
                await log.WaitForChangeAsync(shard, seen, Token);
                var records = log.ReadAll(shard, seen);
                Assert.Equal(seen, records[0].Index);
                seen = records[^1].Index + 1;
            }
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => Task.Run(async () =>
        {
            for (var i = 1; i <= Records; i++)
                await log.AppendAsync(shard, $"{i}");
        })));
        await Task.WhenAll(followers).WaitAsync(TimeSpan.FromMinutes(1), Token);
    }
}
