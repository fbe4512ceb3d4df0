using Weir.Log;
using static Weir.TestKit.LogTestExtensions;

namespace Weir.TestKit;

/// <summary>What every log promises to its readers: where they start, what they cross, and what retention leaves them.</summary>
public abstract class LogReadingContract : LogStoreSuite
{
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
}
