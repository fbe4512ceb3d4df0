using Weir.Log;
using static Weir.TestKit.LogTestExtensions;

namespace Weir.TestKit;

/// <summary>
/// What every <see cref="ILogStore"/> promises. An engine's test class says how to open a store; the same facts run on each engine,
/// together with those of <see cref="LogWaitingContract"/> and <see cref="LogReadingContract"/>.
/// </summary>
public abstract class LogStoreContract : LogWaitingContract
{
    [Fact]
    public async Task Reader_sees_exactly_the_acknowledged_prefix()
    {
        var log = await OpenAsync();
        using var reader = log.OpenReader(7, 1);
        Assert.False(reader.TryRead(out _));
        for (var i = 1; i <= 20; i++)
        {
            var block = await log.AppendAsync(7, $"record {i}");
            Assert.Equal(AppendOutcome.Appended, block.Outcome);
            var seen = Assert.Single(reader.ReadRest());
            Assert.Equal(new ReadRecord(i, $"record {i}", block.Time), seen);
            Assert.False(reader.TryRead(out _));
        }
    }

    [Fact]
    public async Task Indexes_of_each_shard_are_one_two_three()
    {
        var log = await OpenAsync();
        using var batch = BatchOf((1, ["a", "b"]), (2, ["c"]), (1, ["d", "e"]));
        await log.AppendAsync(batch);
        Assert.Equal([1L, 1L, 3L], batch.Blocks.ToArray().Select(block => block.FirstIndex));
        Assert.Equal(["a", "b", "d", "e"], log.ReadAll(1).Texts());
        Assert.Equal([1L, 2L, 3L, 4L], log.ReadAll(1).Select(record => record.Index));
        Assert.Equal(["c"], log.ReadAll(2).Texts());
        Assert.Equal(new ShardState(5, null), log.GetShard(1));
        Assert.Equal(new ShardState(1, null), log.GetShard(99));
    }

    [Fact]
    public async Task Records_keep_their_bytes_whatever_their_size()
    {
        var log = await OpenAsync();
        string[] records = ["", "x", new string('y', 7), new string('z', 100_000), "é€𐍈"];
        await log.AppendAsync(3, records);
        Assert.Equal(records, log.ReadAll(3).Texts());
    }

    [Fact]
    public async Task Concurrent_appenders_keep_their_order_in_each_shard()
    {
        const int Appenders = 16, Appends = 100, Shards = 4;
        var log = await OpenAsync(SmallSegments);
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(async () =>
        {
            for (var i = 0; i < Appends; i++)
                Assert.Equal(AppendOutcome.Appended, (await log.AppendAsync(appender % Shards, $"{appender}:{i}", $"{appender}:{i}+")).Outcome);
        })));
        for (var shard = 0; shard < Shards; shard++)
        {
            var records = log.ReadAll(shard);
            Assert.Equal(Enumerable.Range(1, Appenders / Shards * Appends * 2).Select(i => (long)i), records.Select(record => record.Index));
            foreach (var own in records.GroupBy(record => record.Text.Split(':')[0]))
                Assert.Equal(Enumerable.Range(0, Appends).SelectMany(i => new[] { $"{own.Key}:{i}", $"{own.Key}:{i}+" }), own.Select(record => record.Text));
        }
    }

    [Fact]
    public async Task Blocks_succeed_or_are_refused_one_by_one()
    {
        var log = await OpenAsync();
        await log.CloseShardAsync(2);
        using var batch = BatchOf((1, ["a"]), (2, ["b"]), (3, ["c"]));
        await log.AppendAsync(batch);
        Assert.Equal(
            [AppendOutcome.Appended, AppendOutcome.ShardClosed, AppendOutcome.Appended],
            batch.Blocks.ToArray().Select(block => block.Outcome));
        Assert.Equal(["a"], log.ReadAll(1).Texts());
        Assert.Empty(log.ReadAll(2));
        Assert.Equal(["c"], log.ReadAll(3).Texts());
    }

    [Fact]
    public async Task Empty_batches_and_blocks_change_nothing()
    {
        var log = await OpenAsync();
        using (var empty = AppendBatch.Rent(0))
            await log.AppendAsync(empty);
        Assert.Equal(AppendOutcome.Appended, (await log.AppendAsync(1)).Outcome);
        Assert.Equal(new ShardState(1, null), log.GetShard(1));
        Assert.Empty(log.ReadAll(1));
        Assert.Equal(1, (await log.AppendAsync(1, "first")).FirstIndex);
    }

    [Fact]
    public async Task Closed_shard_refuses_and_keeps_its_end()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "a", "b");
        Time.Advance(TimeSpan.FromSeconds(5));
        var end = await log.CloseShardAsync(1);
        Assert.Equal(new ShardState(3, Time.GetUtcNow()), end);
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(end, await log.CloseShardAsync(1));
        Assert.Equal(AppendOutcome.ShardClosed, (await log.AppendAsync(1, "late")).Outcome);
        Assert.Equal(end, log.GetShard(1));
        Assert.Equal(["a", "b"], log.ReadAll(1).Texts());
        log = await ReopenAsync(log);
        if (SurvivesReopen)
        {
            Assert.Equal(end, log.GetShard(1));
            Assert.Equal(AppendOutcome.ShardClosed, (await log.AppendAsync(1, "late")).Outcome);
            Assert.Equal(end, await log.CloseShardAsync(1));
        }
    }

    [Fact]
    public async Task Time_never_goes_back_even_when_the_clock_does()
    {
        var log = await OpenAsync();
        Time.ShiftWallClock(TimeSpan.FromMilliseconds(0.7));
        var first = await log.AppendAsync(1, "a");
        Time.ShiftWallClock(TimeSpan.FromHours(-1));
        var second = await log.AppendAsync(1, "b");
        Assert.Equal(first.Time, second.Time);
        Assert.Equal([first.Time, second.Time], log.ReadAll(1).Select(record => record.Time));
        if (SurvivesReopen)
        {
            log = await ReopenAsync(log, SmallSegments);
            Assert.Equal(first.Time, (await log.AppendAsync(2, "c")).Time);
        }
    }

    [Fact]
    public async Task Records_survive_reopening()
    {
        Assert.SkipUnless(SurvivesReopen, "The engine keeps nothing.");
        var log = await OpenAsync(SmallSegments);
        var expected = new List<ReadRecord>[3];
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 60; i++)
            {
                await log.AppendAsync(i % 3, $"{round}/{i}:{new string('.', i * 3)}");
                Time.Advance(TimeSpan.FromMilliseconds(i));
            }

            for (var shard = 0; shard < 3; shard++)
                expected[shard] = log.ReadAll(shard);
            var bytes = log.StoredBytes;
            log = await ReopenAsync(log, SmallSegments);
            Assert.True(log.StoredBytes <= bytes + 1024);
            for (var shard = 0; shard < 3; shard++)
            {
                Assert.Equal(expected[shard], log.ReadAll(shard));
                Assert.Equal(expected[shard].Count + 1, log.GetShard(shard).NextIndex);
            }
        }
    }

    [Fact]
    public async Task Logs_are_listed_and_deleted()
    {
        var store = Open(new LogOptions());
        Assert.Empty(store.List());
        var token = TestContext.Current.CancellationToken;
        foreach (var id in new long[] { 20, 3, 100 })
            await using (var log = await store.OpenAsync(new LogId(id), token))
                await log.AppendAsync(1, $"of {id}");
        Assert.Equal([3L, 20L, 100L], store.List().Select(id => id.Value));
        await store.DeleteAsync(new LogId(20), token);
        await store.DeleteAsync(new LogId(20), token);
        Assert.Equal([3L, 100L], store.List().Select(id => id.Value));
        await using var again = await store.OpenAsync(new LogId(20), token);
        Assert.Empty(again.ReadAll(1));
        await using var kept = await store.OpenAsync(new LogId(3), token);
        Assert.Equal(["of 3"], kept.ReadAll(1).Texts());
    }

    [Fact]
    public async Task An_open_log_is_neither_opened_again_nor_deleted()
    {
        var store = Open(new LogOptions());
        var token = TestContext.Current.CancellationToken;
        var log = await store.OpenAsync(Id, token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.OpenAsync(Id, token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.DeleteAsync(Id, token));
        await log.DisposeAsync();
        await store.DeleteAsync(Id, token);
    }

    [Fact]
    public async Task A_closed_log_takes_nothing_and_closes_twice()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "a");
        await log.DisposeAsync();
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.AppendAsync(1, "b"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.CloseShardAsync(1));
        Assert.Throws<ObjectDisposedException>(() => log.OpenReader(1, 1));
    }

    [Fact]
    public async Task Closing_lets_everything_queued_finish()
    {
        var log = await OpenAsync();
        var appends = Enumerable.Range(0, 200).Select(i => log.AppendAsync(i % 5, $"{i}")).ToArray();
        await log.DisposeAsync();
        foreach (var append in appends)
            Assert.Equal(AppendOutcome.Appended, (await append).Outcome);
    }
}
