using Weir.Log;
using static Weir.TestKit.LogTestExtensions;

namespace Weir.TestKit;

/// <summary>
/// What every <see cref="ILogStore"/> promises. An engine's test class says how to open a store; the same facts run on each engine.
/// </summary>
public abstract class LogStoreContract : IAsyncLifetime
{
    /// <summary>The log that most facts use.</summary>
    protected static readonly LogId Id = new(1);

    private readonly List<ILogStore> _opened = [];

    /// <summary>Stamps the records; stands still unless a fact moves it.</summary>
    protected ManualTimeProvider Time { get; } = new();

    /// <summary>False for an engine whose records end with the store.</summary>
    protected virtual bool SurvivesReopen => true;

    /// <summary>Segments as small as the engine allows, so that a fact crosses many.</summary>
    protected static LogOptions SmallSegments => new() { SegmentBytes = 4096, TailBytes = 0 };

    /// <summary>Opens a store on the same place each time within one fact.</summary>
    protected abstract ILogStore OpenStore(LogOptions options);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _opened)
            await store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

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
    public async Task Reader_crosses_segments_and_starts_anywhere()
    {
        const int Count = 300;
        var log = await OpenAsync(SmallSegments);
        for (var i = 1; i <= Count; i++)
            await log.AppendAsync(i % 3, $"{i}:{new string('.', 100)}");
        for (var shard = 0; shard < 3; shard++)
        {
            var all = log.ReadAll(shard);
            Assert.Equal(Count / 3, all.Count);
            for (var from = -1; from <= all.Count + 2; from += 7)
                Assert.Equal(all.Where(record => record.Index >= from), log.ReadAll(shard, from));
        }
    }

    [Fact]
    public async Task Reader_starts_inside_a_frame()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, [.. Enumerable.Range(1, 10).Select(i => $"{i}")]);
        for (var from = 1; from <= 11; from++)
            Assert.Equal(Enumerable.Range(from, 11 - from).Select(i => $"{i}"), log.ReadAll(1, from).Texts());
    }

    [Fact]
    public async Task Waiting_reader_goes_on_across_segments()
    {
        var log = await OpenAsync(SmallSegments);
        using var reader = log.OpenReader(1, 1);
        var seen = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            await log.AppendAsync(1, $"{i}:{new string('.', 90)}");
            await log.AppendAsync(2, new string('#', 50));
            if (i % 5 == 0)
                seen.AddRange(reader.ReadRest().Texts());
        }

        seen.AddRange(reader.ReadRest().Texts());
        Assert.Equal(log.ReadAll(1).Texts(), seen);
        Assert.Equal(200, seen.Count);
    }

    [Fact]
    public async Task FindTime_finds_the_first_record_at_or_after()
    {
        var log = await OpenAsync(SmallSegments);
        var start = Time.GetUtcNow();
        for (var i = 0; i < 100; i++)
        {
            await log.AppendAsync(1, $"{i}:{new string('.', 100)}", "second of its time");
            await log.AppendAsync(2, "other");
            Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(1, log.FindTime(1, start - TimeSpan.FromDays(1)));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal((2 * i) + 1, log.FindTime(1, start + TimeSpan.FromMilliseconds(10 * i)));
            Assert.Equal((2 * i) + 3, log.FindTime(1, start + TimeSpan.FromMilliseconds((10 * i) + 0.5)));
            Assert.Equal(i + 2, log.FindTime(2, start + TimeSpan.FromMilliseconds((10 * i) + 1)));
        }

        Assert.Equal(201, log.FindTime(1, start + TimeSpan.FromDays(1)));
        Assert.Equal(1, log.FindTime(9, start));
    }

    [Fact]
    public async Task Trim_drops_what_is_older_and_nothing_else()
    {
        var log = await OpenAsync(SmallSegments);
        var horizon = default(DateTimeOffset);
        for (var i = 1; i <= 200; i++)
        {
            if (i == 101)
                horizon = Time.GetUtcNow();
            await log.AppendAsync(1, $"{i}:{new string('.', 100)}");
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        var before = log.StoredBytes;
        var bytes = await log.TrimAsync(horizon, TestContext.Current.CancellationToken);
        Assert.True(bytes > 0);
        Assert.Equal(before - bytes, log.StoredBytes);
        var rest = log.ReadAll(1);
        Assert.InRange(rest[0].Index, 2, 101);
        Assert.Equal(200, rest[^1].Index);
        Assert.Equal(200 - rest[0].Index + 1, rest.Count);
        Assert.Equal(rest, log.ReadAll(1, 2));
        Assert.Equal(0, await log.TrimAsync(horizon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Next_index_and_end_stay_when_everything_is_trimmed()
    {
        var log = await OpenAsync(SmallSegments);
        for (var i = 0; i < 50; i++)
            await log.AppendAsync(i % 2, new string('.', 200));
        var end = await log.CloseShardAsync(1);
        Time.Advance(TimeSpan.FromDays(2));
        await log.TrimAsync(Time.GetUtcNow(), TestContext.Current.CancellationToken);
        Assert.Empty(log.ReadAll(0));
        Assert.InRange(log.StoredBytes, 0, 1024);
        Assert.Equal(new ShardState(26, null), log.GetShard(0));
        Assert.Equal(26, log.FindTime(0, DateTimeOffset.UnixEpoch));
        Assert.Equal(end, log.GetShard(1));
        if (SurvivesReopen)
        {
            log = await ReopenAsync(log, SmallSegments);
            Assert.Equal(new ShardState(26, null), log.GetShard(0));
            Assert.Equal(end, log.GetShard(1));
        }

        Assert.Equal(26, (await log.AppendAsync(0, "next")).FirstIndex);
        Assert.Equal(["next"], log.ReadAll(0).Texts());
    }

    [Fact]
    public async Task Readers_outlive_the_segments_they_hold()
    {
        var log = await OpenAsync(SmallSegments);
        for (var i = 1; i <= 100; i++)
        {
            await log.AppendAsync(1, $"{i}:{new string('.', 150)}");
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        using var started = log.OpenReader(1, 1);
        Assert.True(started.TryRead(out var held));
        using var fresh = log.OpenReader(1, 1);
        await log.TrimAsync(Time.GetUtcNow() - TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.StartsWith("1:", System.Text.Encoding.UTF8.GetString(held.Records.Span[sizeof(int)..]));

        // What remains comes without a gap once the reader has left the trimmed segments behind.
        foreach (var reader in new[] { started, fresh })
        {
            var rest = reader.ReadRest();
            Assert.Equal(100, rest[^1].Index);
            Assert.True(rest.Count >= 20);
            var remaining = log.ReadAll(1);
            Assert.Equal(remaining, rest[^remaining.Count..]);
        }

        Assert.Equal(log.ReadAll(1), log.ReadAll(1, 1));
    }

    [Fact]
    public async Task Appends_reads_and_trims_run_beside_each_other()
    {
        // Appenders, readers that follow and readers that start anywhere, and a trimmer on tiny segments: every record that a reader gets is the one
        // that was appended under its index, in order, and a follower misses only what was trimmed.
        const int Records = 400, Shards = 3;
        var log = await OpenAsync(SmallSegments);
        var done = false;
        var appenders = Enumerable.Range(0, Shards).Select(shard => Task.Run(async () =>
        {
            for (var i = 1; i <= Records; i++)
            {
                Assert.Equal(i, (await log.AppendAsync(shard, Text(shard, i))).FirstIndex);
                Time.Advance(TimeSpan.FromMilliseconds(1));
            }
        })).ToArray();
        var readers = Enumerable.Range(0, Shards + 1).Select(n => Task.Run(async () =>
        {
            var shard = n % Shards;
            var random = new Random(n);
            while (!Volatile.Read(ref done))
            {
                using var reader = log.OpenReader(shard, n < Shards ? 1 : random.Next(Records));
                var last = 0L;
                while (reader.TryRead(out var frame))
                {
                    Assert.True(frame.FirstIndex > last);
                    last = frame.FirstIndex;
                    foreach (var record in frame)
                        Assert.Equal(Text(shard, last++), System.Text.Encoding.UTF8.GetString(record.Span));
                    last--;
                }

                var found = log.FindTime(shard, Time.GetUtcNow() - TimeSpan.FromSeconds(1));
                Assert.InRange(found, 1, Records + 1);
                await Task.Yield();
            }
        })).ToArray();
        var trimmer = Task.Run(async () =>
        {
            var trimmed = Time.GetUtcNow();
            while (!Volatile.Read(ref done))
            {
                // Now and then, as retention does: rolling for every record would be another test.
                if (Time.GetUtcNow() - trimmed > TimeSpan.FromMilliseconds(100))
                    await log.TrimAsync((trimmed = Time.GetUtcNow()) - TimeSpan.FromMilliseconds(200), CancellationToken.None);
                await Task.Yield();
            }
        });
        await Task.WhenAll(appenders);
        Volatile.Write(ref done, true);
        await Task.WhenAll([.. readers, trimmer]);
        for (var shard = 0; shard < Shards; shard++)
            Assert.Equal(Records + 1, log.GetShard(shard).NextIndex);

        static string Text(int shard, long index) => $"{shard}:{index}:{new string('.', (int)(index % 50))}";
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

    protected Task<IRecordLog> OpenAsync(LogOptions? options = null) =>
        Open(options ?? new LogOptions()).OpenAsync(Id, TestContext.Current.CancellationToken);

    /// <summary>Closes the store in good order and opens it again on the same place.</summary>
    protected async Task<IRecordLog> ReopenAsync(IRecordLog log, LogOptions? options = null)
    {
        await log.DisposeAsync();
        foreach (var store in _opened)
            await store.DisposeAsync();
        _opened.Clear();
        return await OpenAsync(options);
    }

    private ILogStore Open(LogOptions options)
    {
        var store = OpenStore(options);
        _opened.Add(store);
        return store;
    }
}
