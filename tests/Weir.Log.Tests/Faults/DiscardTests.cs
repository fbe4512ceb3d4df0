using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Log.Tests.Faults;

/// <summary>
/// What is given up, from the moment that it leaves its log to the moment that its room is back: readers that are still at it, crashes between
/// any two calls, and a disk that refuses.
/// </summary>
public sealed class DiscardTests
{
    [Fact]
    public async Task A_trimmed_segment_leaves_its_log_at_once_and_its_room_comes_back_later()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        var stored = log.Log.StoredBytes;
        await ExpireAsync(log);
        Assert.Single(log.Files.ListFiles());
        Assert.Equal(4, log.Discarded.Count);
        Assert.True(log.Log.StoredBytes < stored / 2);
        log.Release();
        Assert.Empty(log.Discarded);
    }

    [Fact]
    public async Task A_reader_reads_on_in_a_trimmed_segment_and_nothing_is_cut_under_it()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        var expected = log.Log.ReadAll(1);
        var reader = log.Log.OpenReader(1, 1);
        Assert.True(reader.TryRead(out _));
        await ExpireAsync(log);
        log.Release();
        // The first one; the others nobody reads.
        Assert.Equal(DiscardedName.Of(FaultyLog.Id.ToString(), SegmentName.Of(new LogOffset(0))), Assert.Single(log.Discarded));
        var inFirst = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            Assert.True(reader.TryRead(out var frame));
            inFirst.AddRange(Texts(frame));
        }

        Assert.Equal(expected.Texts()[1..3], inFirst);
        reader.Dispose();
        log.Release();
        Assert.Empty(log.Discarded);
    }

    [Fact]
    public async Task A_reader_reads_on_in_a_deleted_log_and_nothing_is_cut_under_it()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        var expected = log.Log.ReadAll(1);
        var reader = log.Log.OpenReader(1, 1);
        Assert.True(reader.TryRead(out _));
        await log.CloseAsync();
        await log.OpenAsync();
        // As the log is closed and deleted by its owner, without an end of the store.
        reader.Dispose();
        reader = log.Log.OpenReader(1, 1);
        Assert.True(reader.TryRead(out _));
        await log.CloseLogAsync();
        await log.DeleteAsync();
        Assert.DoesNotContain(FaultyLog.Id.ToString(), log.Disk.ListDirectories());
        log.Release();
        Assert.Single(log.DiscardedLog.ListFiles());
        Assert.True(reader.TryRead(out var frame));
        Assert.Equal(expected.Texts()[1..2], Texts(frame));
        reader.Dispose();
        log.Release();
        Assert.Empty(log.Discarded);
    }

    [Fact]
    public async Task What_a_process_has_left_the_next_one_gives_back()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        await ExpireAsync(log);
        log.Disk.Kill();
        await log.OpenAsync();
        Assert.Equal(4, log.Discarded.Count);
        log.Release();
        Assert.Empty(log.Discarded);

        await log.CloseLogAsync();
        await log.DeleteAsync();
        log.Disk.Kill();
        await log.OpenAsync();
        Assert.Single(log.Discarded);
        log.Release();
        Assert.Empty(log.Discarded);
    }

    [Fact]
    public async Task What_may_come_back_after_a_crash_is_not_cut()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            await using var log = await StandingFaultTests.FilledAsync(seed);
            log.Time.Advance(TimeSpan.FromSeconds(1));
            // Behind the new segment's own: the first that follows a move.
            log.Disk.FailNext(SimulatedCall.SyncDirectory, new IOException("broken"), nth: 2);
            await Assert.ThrowsAsync<IOException>(() => log.TrimAsync(log.Time.GetUtcNow()));
            Assert.Single(log.Discarded);
            log.Release();
            Assert.Single(log.Discarded);
            // A process that ends there leaves it to the next, which makes the move durable before it cuts.
            if (seed % 2 == 0)
                log.Disk.Kill();
            else
                log.Disk.Crash();
            await log.OpenAsync();
            log.AssertNothingLost();
            log.Release();
            log.Disk.Crash();
            await log.OpenAsync();
            log.AssertNothingLost();
        }
    }

    [Fact]
    public async Task A_trim_and_its_release_survive_power_loss_at_each_step()
    {
        // Each change of the disk, from the trim to the last deletion, is the last one before the power goes, with several fates of what was not fsynced.
        for (var changes = 1; ; changes++)
        {
            var lost = false;
            for (var seed = 0; seed < 6; seed++)
            {
                await using var log = await StandingFaultTests.FilledAsync(seed);
                log.Disk.LosePowerAfter(changes);
                _ = await Record.ExceptionAsync(() => ExpireAsync(log));
                log.Release();
                lost |= !log.Disk.HasPower;
                log.Disk.Crash();
                await log.OpenAsync();
                log.AssertNothingLost();
                log.Release();
                Assert.Empty(log.Discarded);
                Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
            }

            if (!lost)
            {
                Assert.True(changes > 20);
                return;
            }
        }
    }

    [Fact]
    public async Task A_deletion_and_its_release_survive_power_loss_at_each_step()
    {
        for (var changes = 1; ; changes++)
        {
            await using var log = await StandingFaultTests.FilledAsync(changes);
            await log.CloseLogAsync();
            log.Disk.LosePowerAfter(changes);
            var error = await Record.ExceptionAsync(log.DeleteAsync);
            log.Release();
            var lost = !log.Disk.HasPower;
            log.Disk.Crash();
            // Deleted is deleted; what was not is whole, for its owner to delete again.
            if (error is null)
                Assert.DoesNotContain(FaultyLog.Id.ToString(), log.Disk.ListDirectories());
            var isThere = log.Disk.ListDirectories().Contains(FaultyLog.Id.ToString());
            await log.OpenAsync();
            if (isThere)
                log.AssertNothingLost();
            else
                Assert.Empty(log.Log.ReadAll(1));
            log.Release();
            Assert.Empty(log.Discarded);
            if (!lost)
                return;
        }
    }

    [Fact]
    public async Task A_failure_is_told_once_passed_over_and_tried_again_later()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        await ExpireAsync(log);
        for (var i = 0; i < 3; i++)
        {
            log.Disk.FailNext(SimulatedCall.Truncate, new IOException("bad sector"));
            log.Release();
            Assert.Single(log.Discarded);
        }

        log.Disk.FailNext(SimulatedCall.List, new IOException("bad sector"));
        Assert.Equal(RoomRelease.RetryPause, log.ReleaseStep());
        Assert.Single(log.Told, told => told.Id == 1012);
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        Assert.Null(log.Log.Failure);
        log.Release();
        Assert.Empty(log.Discarded);
        Assert.Single(log.Told, told => told.Id == 1013);
    }

    [Fact]
    public async Task Without_file_handles_and_on_a_read_only_file_system_it_waits()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        await ExpireAsync(log);
        log.Disk.FailFrom(SimulatedCall.Open, StorageFullException.NoHandles("a file", new IOException("Too many open files")));
        log.Release();
        Assert.Equal(4, log.Discarded.Count);
        log.Disk.HealAll();
        log.Disk.IsReadOnly = true;
        log.Release();
        Assert.Equal(4, log.Discarded.Count);
        log.Disk.IsReadOnly = false;
        log.Release();
        Assert.Empty(log.Discarded);
        Assert.Equal([1012, 1013], log.Told.Select(told => told.Id).Where(id => id is 1012 or 1013));
    }

    [Fact]
    public async Task Without_room_for_a_name_a_segment_is_deleted_on_the_spot()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        log.Disk.FailFrom(SimulatedCall.Move, new StorageFullException("a name"));
        await ExpireAsync(log);
        Assert.Empty(log.Discarded);
        Assert.Single(log.Files.ListFiles());
        await log.CloseLogAsync();
        await log.DeleteAsync();
        Assert.Empty(log.Discarded);
        Assert.DoesNotContain(FaultyLog.Id.ToString(), log.Disk.ListDirectories());
    }

    [Fact]
    public async Task Somebody_who_deletes_what_waits_is_welcome()
    {
        await using var log = await StandingFaultTests.FilledAsync();
        await ExpireAsync(log);
        log.DiscardedFiles.Remove(log.Discarded[0]);
        log.ReleaseStep();
        log.Disk.DeleteDirectory(DiscardedName.Directory);
        log.Release();
        await log.AppendAsync(1);
        await ExpireAsync(log);
        log.Release();
        Assert.Empty(log.Discarded);
        Assert.DoesNotContain(log.Told, told => told.Id == 1012);
    }

    private static Task ExpireAsync(FaultyLog log)
    {
        log.Time.Advance(TimeSpan.FromSeconds(1));
        return log.TrimAsync(log.Time.GetUtcNow());
    }

    private static string[] Texts(LogFrame frame)
    {
        var texts = new List<string>();
        foreach (var record in frame)
            texts.Add(System.Text.Encoding.UTF8.GetString(record.Span));
        return [.. texts];
    }
}
