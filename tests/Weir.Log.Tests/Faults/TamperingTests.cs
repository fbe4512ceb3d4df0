using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Log.Tests.Faults;

/// <summary>Somebody deletes, cuts or changes segment files behind the log's back, while it runs or while it does not.</summary>
public sealed class TamperingTests
{
    [Fact]
    public async Task A_sealed_segment_that_is_gone_fails_its_readers_is_told_once_and_refuses_the_next_start()
    {
        await using var log = await ReopenedAsync();
        var second = Name(log, 1);
        var bytes = log.Files.ReadFile(second);
        log.Files.Remove(second);

        var error = Assert.Throws<LogUnreadableException>(() => log.Log.ReadAll(1));
        Assert.Contains(second, error.Message, StringComparison.Ordinal);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        Assert.NotEmpty(log.Log.ReadAll(1, log.Log.GetShard(1).NextIndex - 1));
        await log.TrimAsync(log.Time.GetUtcNow() - TimeSpan.FromDays(1));
        await log.TrimAsync(log.Time.GetUtcNow() - TimeSpan.FromDays(1));
        Assert.Single(log.Told, told => told.Id == 1011 && told.Text.Contains(second, StringComparison.Ordinal));
        Assert.Null(log.Log.Failure);

        await log.CloseAsync();
        var refused = await Assert.ThrowsAsync<LogCorruptException>(log.OpenAsync);
        Assert.Equal($"sim/{FaultyLog.Id}/{Name(log, 1)}", refused.File);
        log.Files.WriteFile(second, bytes);
        await log.OpenAsync();
        log.AssertNothingLost();
    }

    [Fact]
    public async Task A_sealed_segment_that_is_gone_is_no_trouble_once_it_expires()
    {
        await using var log = await ReopenedAsync();
        log.Files.Remove(Name(log, 0));
        log.Time.Advance(TimeSpan.FromSeconds(1));
        await log.TrimAsync(log.Time.GetUtcNow());
        Assert.Empty(log.Log.ReadAll(1));
        Assert.DoesNotContain(log.Told, told => told.Id == 1011);
        await log.CloseAsync();
        await log.OpenAsync();
    }

    [Fact]
    public async Task The_oldest_segment_that_is_gone_at_a_start_counts_as_trimmed()
    {
        await using var log = await ReopenedAsync();
        var before = log.Log.ReadAll(1);
        var next = log.Log.GetShard(1).NextIndex;
        await log.CloseAsync();
        log.Files.Remove(Name(log, 0));
        await log.OpenAsync();
        var left = log.Log.ReadAll(1);
        Assert.InRange(left.Count, 1, before.Count - 1);
        Assert.Equal(before[^left.Count..], left);
        Assert.Equal(next, log.Log.GetShard(1).NextIndex);
    }

    [Fact]
    public async Task An_active_segment_that_is_gone_ends_writing_and_reads_on_until_the_server_ends()
    {
        await using var log = await ReopenedAsync();
        var active = Name(log, 3);
        log.Files.Remove(active);
        // Nobody notices by itself: the file is open.
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        await log.TrimAsync(log.Time.GetUtcNow() - TimeSpan.FromDays(1));
        Assert.Contains(active, Assert.IsType<FileNotFoundException>(log.Log.Failure).Message, StringComparison.Ordinal);
        await log.AssertRefusesAtOnceAsync();
        log.AssertNothingLost();

        // The next start begins behind the last sealed segment. What the deleted one held is lost, and nothing else.
        var held = log.Log.ReadAll(1);
        log.Disk.Kill();
        await log.OpenAsync();
        var kept = log.Log.ReadAll(1);
        Assert.InRange(kept.Count, 1, held.Count - 1);
        Assert.Equal(held[..kept.Count], kept);
        log.TakeAsAcknowledged();
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        log.AssertNothingLost();
    }

    [Fact]
    public async Task A_log_that_closes_while_retention_looks_is_not_taken_for_a_deleted_one()
    {
        await using var log = await ReopenedAsync();
        var trim = log.Log.TrimAsync(log.Time.GetUtcNow() - TimeSpan.FromDays(1), CancellationToken.None);
        await log.CloseAsync();
        foreach (var name in log.Files.ListFiles())
            log.Files.Remove(name);
        await trim;
        Assert.DoesNotContain(log.Told, told => told.Id is 1004 or 1011);
    }

    [Fact]
    public async Task A_changed_byte_of_a_sealed_segment_fails_the_readers_that_come_to_it_and_no_others()
    {
        await using var log = await ReopenedAsync();
        var second = Name(log, 1);
        var at = FrameOf(log, second, shard: 1);
        log.Files.FlipBit(second, at + RecordFrame.HeaderBytes + 100, 3);

        var error = Assert.Throws<LogCorruptException>(() => log.Log.ReadAll(1));
        Assert.Equal($"sim/{FaultyLog.Id}/{second}", error.File);
        Assert.Equal(at, error.Offset);
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(log.Log.ReadAll(2));
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        Assert.NotEmpty(log.Log.ReadAll(1, log.Log.GetShard(1).NextIndex - 1));

        // A start believes the footer, and the reader finds it again.
        await log.CloseAsync();
        await log.OpenAsync();
        Assert.Equal(error.Message, Assert.Throws<LogCorruptException>(() => log.Log.ReadAll(1)).Message);
        log.Files.FlipBit(second, at + RecordFrame.HeaderBytes + 100, 3);
        log.AssertNothingLost();
    }

    [Fact]
    public async Task A_sealed_segment_that_is_cut_short_fails_its_readers_and_the_next_start()
    {
        await using var log = await ReopenedAsync();
        var second = Name(log, 1);
        var at = FrameOf(log, second, shard: 1);
        var bytes = log.Files.ReadFile(second);
        log.Files.Cut(second, at + 10);
        Assert.Throws<LogCorruptException>(() => log.Log.ReadAll(1));
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));

        await log.CloseAsync();
        var error = await Assert.ThrowsAsync<LogCorruptException>(log.OpenAsync);
        Assert.Equal((at, $"sim/{FaultyLog.Id}/{second}"), (error.Offset, error.File));
        log.Files.WriteFile(second, bytes);
        await log.OpenAsync();
        log.AssertNothingLost();
    }

    [Fact]
    public async Task A_damaged_segment_is_given_up_by_taking_it_away_with_all_older_ones()
    {
        await using var log = await ReopenedAsync();
        var whole = log.Log.ReadAll(1);
        var next = log.Log.GetShard(1).NextIndex;
        await log.CloseAsync();
        log.Files.Cut(Name(log, 1), 100);
        await Assert.ThrowsAsync<LogCorruptException>(log.OpenAsync);
        log.Files.Remove(Name(log, 0));
        log.Files.Remove(Name(log, 0));
        await log.OpenAsync();
        var left = log.Log.ReadAll(1);
        Assert.InRange(left.Count, 1, whole.Count - 1);
        Assert.Equal(whole[^left.Count..], left);
        Assert.Equal(next, log.Log.GetShard(1).NextIndex);
    }

    [Fact]
    public async Task A_changed_byte_of_the_active_segment_fails_its_readers_and_the_next_start()
    {
        await using var log = await LargeActiveAsync();
        var active = Name(log, 0);
        var at = FrameOf(log, active, shard: 1);
        log.Files.FlipBit(active, at + RecordFrame.HeaderBytes + 1, 7);
        Assert.Throws<LogCorruptException>(() => log.Log.ReadAll(1));
        // A frame behind it says that it had been durable: it is not cut as if it were a torn tail.
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(2));
        log.Disk.Kill();
        var error = await Assert.ThrowsAsync<LogCorruptException>(log.OpenAsync);
        Assert.Equal(at, error.Offset);
        log.Files.FlipBit(active, at + RecordFrame.HeaderBytes + 1, 7);
        await log.OpenAsync();
        log.AssertNothingLost();
    }

    [Fact]
    public async Task An_active_segment_that_is_cut_short_fails_its_readers_and_the_next_start()
    {
        await using var log = await LargeActiveAsync();
        var active = Name(log, 0);
        var at = FrameOf(log, active, shard: 1);
        log.Files.Cut(active, at + 10);
        Assert.Throws<LogCorruptException>(() => log.Log.ReadAll(1));
        await log.AppendAsync(2);
        log.Disk.Kill();
        Assert.Equal(at, (await Assert.ThrowsAsync<LogCorruptException>(log.OpenAsync)).Offset);
    }

    /// <summary>Opened again, so that no segment but the active one is open and nothing is in memory.</summary>
    private static async Task<FaultyLog> ReopenedAsync()
    {
        var log = await StandingFaultTests.FilledAsync();
        await log.CloseAsync();
        await log.OpenAsync();
        return log;
    }

    /// <summary>Opened again with a segment of several blocks: the last one is written anew by the next commit, which makes good what happened to it.</summary>
    private static async Task<FaultyLog> LargeActiveAsync()
    {
        var log = new FaultyLog(segmentBytes: 64 * 1024);
        await log.OpenAsync();
        await log.AppendAsync(1);
        for (var i = 0; i < 10; i++)
            await log.AppendAsync(2);
        await log.CloseAsync();
        await log.OpenAsync();
        return log;
    }

    private static string Name(FaultyLog log, int number) => log.Files.ListFiles()[number];

    /// <summary>Where the first frame of a shard's records lies in a file.</summary>
    private static long FrameOf(FaultyLog log, string name, int shard)
    {
        var bytes = log.Files.ReadFile(name);
        var at = SegmentHeader.Bytes;
        while (RecordFrame.TryReadHeader(bytes.AsSpan(at), out var frame))
        {
            if (frame.Kind == FrameKind.Records && frame.Shard == shard)
                return at;
            at += frame.FrameBytes;
        }

        throw new InvalidOperationException($"{name} has no records of shard {shard}.");
    }
}
