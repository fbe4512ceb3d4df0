using Microsoft.Extensions.Logging.Abstractions;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>What the log does when the disk says no: refusals pass, failures stay, and readers go on in both.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private static readonly LogId Id = new(1);

    private readonly SimulatedDirectory _disk = new();
    private readonly ManualTimeProvider _time = new();
    private SegmentedLogStore? _store;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await (_store?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Fact]
    public async Task Append_after_failed_fsync_is_refused_until_reopened()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "durable");
        var cause = new IOException("bad sector");
        _disk.FailNext(SimulatedCall.Sync, cause);
        Assert.Same(cause, (await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "lost"))).InnerException);
        Assert.Same(cause, log.Failure);
        Assert.Same(cause, (await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "refused"))).InnerException);
        await Assert.ThrowsAsync<LogFailedException>(() => log.CloseShardAsync(1));
        Assert.Equal(["durable"], log.ReadAll(1).Texts());
        Assert.Equal(2, log.GetShard(1).NextIndex);

        log = await ReopenAsync();
        Assert.Null(log.Failure);
        await log.AppendAsync(1, "again");
        Assert.Equal("again", log.ReadAll(1)[^1].Text);
        Assert.DoesNotContain("refused", log.ReadAll(1).Texts());
    }

    [Fact]
    public async Task A_failure_wakes_waiting_readers_and_nothing_new_is_waited_for()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "durable");
        var atTheTip = log.WaitForChangeAsync(1, 2, TestContext.Current.CancellationToken);
        var ofAnotherShard = log.WaitForChangeAsync(2, 1, TestContext.Current.CancellationToken);
        _disk.FailNext(SimulatedCall.Sync, new IOException("bad sector"));
        await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "lost"));
        await Assert.ThrowsAsync<LogFailedException>(() => atTheTip);
        await Assert.ThrowsAsync<LogFailedException>(() => ofAnotherShard);
        await Assert.ThrowsAsync<LogFailedException>(() => log.WaitForChangeAsync(1, 2, TestContext.Current.CancellationToken));
        await log.WaitForChangeAsync(1, 1, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_failed_fsync_is_not_tried_again()
    {
        var log = await OpenAsync();
        _disk.FailNext(SimulatedCall.Sync, new IOException("bad sector"));
        await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "a"));
        var changes = _disk.Changes;
        await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "b"));
        await log.DisposeAsync();
        Assert.Equal(changes, _disk.Changes);
    }

    [Fact]
    public async Task Records_that_a_failed_fsync_lost_do_not_come_back_only_to_vanish()
    {
        // After the failure the page cache shows the frame and the disk does not have it; the next process believes what it can read.
        for (var seed = 0; seed < 20; seed++)
        {
            var disk = new SimulatedDirectory(seed);
            var store = Store(disk, new LogOptions());
            var log = await store.OpenAsync(Id, CancellationToken.None);
            disk.FailNext(SimulatedCall.Sync, new IOException("bad sector"));
            await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "doubtful"));
            disk.Kill();
            log = await Store(disk, new LogOptions()).OpenAsync(Id, CancellationToken.None);
            var served = log.ReadAll(1).Texts();
            disk.Crash();
            log = await Store(disk, new LogOptions()).OpenAsync(Id, CancellationToken.None);
            Assert.Equal(served, log.ReadAll(1).Texts());
        }
    }

    [Fact]
    public async Task A_failed_write_latches_and_readers_go_on()
    {
        var log = await OpenAsync(new LogOptions { TailBytes = 0 });
        await log.AppendAsync(1, "durable");
        using var reader = log.OpenReader(1, 1);
        _disk.FailNext(SimulatedCall.Write, new IOException("bad cable"));
        await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1, "lost"));
        Assert.Equal(["durable"], reader.ReadRest().Texts());
        Assert.Equal(1, log.FindTime(1, DateTimeOffset.UnixEpoch));
        Assert.Equal("bad cable", log.Failure!.Message);
    }

    [Fact]
    public async Task A_full_disk_refuses_and_takes_appends_again_by_itself()
    {
        var log = await OpenAsync(new LogOptions { SegmentBytes = 4096 });
        await log.AppendAsync(1, new string('x', 3500));
        _disk.CapacityBytes = 0;
        Assert.Equal(AppendOutcome.StorageFull, (await log.AppendAsync(1, new string('y', 3500))).Outcome);
        await Assert.ThrowsAsync<StorageFullException>(async () =>
        {
            // A mark is small and may still fit into what was reserved.
            for (var shard = 10; shard < 100; shard++)
                await log.CloseShardAsync(shard);
        });
        Assert.Null(log.Failure);
        Assert.Single(log.ReadAll(1));
        Assert.Equal(2, log.GetShard(1).NextIndex);
        _disk.CapacityBytes = null;
        var block = await log.AppendAsync(1, "z");
        Assert.Equal((AppendOutcome.Appended, 2L), (block.Outcome, block.FirstIndex));
        Assert.Equal("z", log.ReadAll(1)[^1].Text);
    }

    [Fact]
    public async Task The_last_bytes_of_a_disk_are_for_records_and_not_for_room_ahead()
    {
        var log = await OpenAsync();
        _disk.CapacityBytes = 4096;
        Assert.Equal(AppendOutcome.Appended, (await log.AppendAsync(1, "fits")).Outcome);
        Assert.Equal(AppendOutcome.StorageFull, (await log.AppendAsync(1, new string('x', 4096))).Outcome);
    }

    [Fact]
    public async Task A_write_that_finds_no_room_is_written_again_later()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "a");
        _disk.FailNext(SimulatedCall.Write, new StorageFullException("the file"));
        Assert.Equal(AppendOutcome.StorageFull, (await log.AppendAsync(1, "b", "b", "b")).Outcome);
        Assert.Equal(2, (await log.AppendAsync(1, "c")).FirstIndex);
        log = await ReopenAsync();
        Assert.Equal(["a", "c"], log.ReadAll(1).Texts());
    }

    [Fact]
    public async Task Stale_frames_of_a_refused_commit_are_not_taken_for_new_ones()
    {
        // The refused commit leaves its second frame behind; the next commit is as long as its first, so that the stale frame is whole, in
        // its own place, and directly behind the new end. Only the CRC of the frame before gives it away.
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDirectory(seed);
            var log = await Store(disk, new LogOptions()).OpenAsync(Id, CancellationToken.None);
            await log.AppendAsync(1, "a");
            disk.FailNext(SimulatedCall.Write, new StorageFullException("the file"));
            using var batch = LogTestExtensions.BatchOf((1, ["b"]), (2, ["stale"]));
            await log.AppendAsync(batch);
            Assert.Equal(AppendOutcome.StorageFull, batch.Blocks[1].Outcome);
            await log.AppendAsync(1, "c");
            disk.Kill();
            log = await Store(disk, new LogOptions()).OpenAsync(Id, CancellationToken.None);
            Assert.Equal(["a", "c"], log.ReadAll(1).Texts());
            Assert.Empty(log.ReadAll(2));
        }
    }

    [Fact]
    public async Task Blocks_behind_a_closing_that_found_no_room_are_not_told_that_it_closed()
    {
        var scheduler = new StepwiseCommitScheduler();
        var log = await new SegmentedLogStore(_disk, new LogOptions(), _time, NullLoggerFactory.Instance, scheduler).OpenAsync(Id, CancellationToken.None);
        var closing = log.CloseShardAsync(1);
        var append = log.AppendAsync(1, "behind");
        _disk.FailNext(SimulatedCall.Write, new StorageFullException("the file"));
        scheduler.RunAll();
        await Assert.ThrowsAsync<StorageFullException>(() => closing);
        Assert.Equal(AppendOutcome.StorageFull, (await append).Outcome);
        Assert.Null(log.GetShard(1).ClosedAt);
    }

    [Fact]
    public async Task Blocks_in_the_commit_that_ends_their_shard_are_refused_when_they_come_later()
    {
        var scheduler = new StepwiseCommitScheduler();
        var log = await new SegmentedLogStore(_disk, new LogOptions(), _time, NullLoggerFactory.Instance, scheduler).OpenAsync(Id, CancellationToken.None);
        var before = log.AppendAsync(1, "before");
        var closing = log.CloseShardAsync(1);
        var again = log.CloseShardAsync(1);
        var behind = log.AppendAsync(1, "behind");
        scheduler.RunAll();
        Assert.Equal(AppendOutcome.Appended, (await before).Outcome);
        Assert.Equal(AppendOutcome.ShardClosed, (await behind).Outcome);
        Assert.Equal(2, (await closing).NextIndex);
        Assert.Equal(await closing, await again);
        Assert.Equal(["before"], log.ReadAll(1).Texts());
    }

    [Fact]
    public async Task A_roll_survives_power_loss_at_each_step()
    {
        // Each change of the disk during three rolls is the last one before the power goes, with several fates of what was not fsynced.
        for (var changes = 1; ; changes++)
        {
            var lost = false;
            for (var seed = 0; seed < 8; seed++)
                lost |= await LosePowerWhileRollingAsync(changes, seed);
            if (!lost)
            {
                Assert.True(changes > 30);
                return;
            }
        }
    }

    [Fact]
    public async Task A_trim_survives_power_loss_at_each_step()
    {
        for (var changes = 1; ; changes++)
        {
            var disk = new SimulatedDirectory(changes);
            var log = await Store(disk, new LogOptions { SegmentBytes = 4096 }).OpenAsync(Id, CancellationToken.None);
            for (var i = 0; i < 20; i++)
                await log.AppendAsync(i % 2, new string('x', 900));
            await log.CloseShardAsync(1);
            _time.Advance(TimeSpan.FromSeconds(1));
            disk.LosePowerAfter(changes);
            var trim = await Record.ExceptionAsync(() => log.TrimAsync(_time.GetUtcNow(), CancellationToken.None));
            disk.Crash();
            log = await Store(disk, new LogOptions { SegmentBytes = 4096 }).OpenAsync(Id, CancellationToken.None);
            Assert.Equal(11, log.GetShard(0).NextIndex);
            Assert.Equal(11, log.GetShard(1).NextIndex);
            Assert.NotNull(log.GetShard(1).ClosedAt);
            if (trim is null)
                return;
        }
    }

    [Fact]
    public async Task A_segment_that_cannot_be_moved_out_goes_before_any_later_one()
    {
        var log = await OpenAsync(new LogOptions { SegmentBytes = 4096 });
        for (var i = 0; i < 20; i++)
            await log.AppendAsync(1, new string('x', 900));
        _time.Advance(TimeSpan.FromSeconds(1));
        var token = TestContext.Current.CancellationToken;
        _disk.FailNext(SimulatedCall.Move, new IOException("busy"));
        await Assert.ThrowsAsync<IOException>(() => log.TrimAsync(_time.GetUtcNow(), token));
        Assert.Null(log.Failure);
        await log.TrimAsync(_time.GetUtcNow(), token);
        Assert.Empty(log.ReadAll(1));
        Assert.Single(((SimulatedDirectory)_disk.OpenDirectory(Id.ToString())).ListFiles());
    }

    [Fact]
    public async Task A_trim_that_meets_a_full_disk_still_deletes_what_is_sealed()
    {
        var scheduler = new StepwiseCommitScheduler();
        var log = await new SegmentedLogStore(_disk, new LogOptions { SegmentBytes = 4096 }, _time, NullLoggerFactory.Instance, scheduler)
            .OpenAsync(Id, CancellationToken.None);
        for (var i = 0; i < 10; i++)
        {
            var append = log.AppendAsync(1, new string('x', 900));
            scheduler.RunAll();
            await append;
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        _disk.CapacityBytes = 0;
        var refused = log.AppendAsync(1, new string('x', 5000));
        var trim = log.TrimAsync(_time.GetUtcNow(), CancellationToken.None);
        await scheduler.RunUntil(trim);
        Assert.Equal(AppendOutcome.StorageFull, (await refused).Outcome);
        Assert.True(await trim > 0);
        Assert.Null(log.Failure);
    }

    [Fact]
    public async Task Opening_fails_clearly_when_the_disk_does_and_succeeds_afterwards()
    {
        var log = await OpenAsync();
        await log.AppendAsync(1, "a");
        await _store!.DisposeAsync();
        _disk.FailNext(SimulatedCall.Read, new IOException("bad cable"));
        await Assert.ThrowsAsync<IOException>(() => OpenAsync());
        log = await _store!.OpenAsync(Id, CancellationToken.None);
        Assert.Equal(["a"], log.ReadAll(1).Texts());
    }

    private async Task<bool> LosePowerWhileRollingAsync(int changes, int seed)
    {
        var disk = new SimulatedDirectory(seed);
        var options = new LogOptions { SegmentBytes = 4096, TailBytes = 0 };
        var log = await Store(disk, options).OpenAsync(Id, CancellationToken.None);
        disk.LosePowerAfter(changes);
        var acknowledged = new List<string>();
        var lost = false;
        for (var i = 0; i < 12 && !lost; i++)
        {
            var text = $"{i}:{new string('x', 1000)}";
            lost = await Record.ExceptionAsync(() => log.AppendAsync(1, text)) is not null;
            if (!lost)
                acknowledged.Add(text);
        }

        disk.Crash();
        log = await Store(disk, options).OpenAsync(Id, CancellationToken.None);
        Assert.Equal(acknowledged, log.ReadAll(1).Texts().Take(acknowledged.Count));
        Assert.InRange(log.GetShard(1).NextIndex, acknowledged.Count + 1, acknowledged.Count + 2);
        await log.AppendAsync(1, "goes on");
        Assert.Equal("goes on", log.ReadAll(1)[^1].Text);
        return lost;
    }

    private Task<IRecordLog> OpenAsync(LogOptions? options = null) =>
        (_store = Store(_disk, options ?? new LogOptions())).OpenAsync(Id, CancellationToken.None);

    private async Task<IRecordLog> ReopenAsync()
    {
        await _store!.DisposeAsync();
        return await OpenAsync();
    }

    private SegmentedLogStore Store(SimulatedDirectory disk, LogOptions options) => new(disk, options, _time, NullLoggerFactory.Instance);
}
