using Weir.TestKit;

namespace Weir.Log.Tests.Faults;

/// <summary>Faults that stay for a while: a file system that went read-only, a process without file handles. What goes on meanwhile, and what heals by itself.</summary>
public sealed class StandingFaultTests
{
    [Fact]
    public async Task A_read_only_file_system_ends_writing_and_leaves_reading_alone()
    {
        await using var log = await FilledAsync();
        log.Disk.IsReadOnly = true;
        await Assert.ThrowsAsync<LogFailedException>(() => log.AppendAsync(1));
        await log.AssertRefusesAtOnceAsync();
        log.AssertNothingLost();

        log.Disk.Kill();
        await Assert.ThrowsAsync<IOException>(log.OpenAsync);
        log.Disk.IsReadOnly = false;
        await log.OpenAsync();
        log.AssertNothingLost(uncertain: 1);
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
    }

    [Fact]
    public async Task Without_file_handles_the_open_segment_takes_puts_and_the_next_one_waits_for_a_handle()
    {
        await using var log = await FilledAsync();
        TakeHandles(log);
        var refused = AppendOutcome.Pending;
        var taken = 0;
        while ((refused = await log.AppendAsync(1)) == AppendOutcome.Appended)
            taken++;
        Assert.InRange(taken, 1, 4);
        Assert.Equal(AppendOutcome.StorageFull, refused);
        Assert.Equal(AppendOutcome.StorageFull, await log.AppendAsync(1));
        Assert.Null(log.Log.Failure);
        Assert.Single(log.Told, told => told.Id == 1005 && told.Text.Contains("ulimit -n", StringComparison.Ordinal));

        log.Disk.HealAll();
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        Assert.Single(log.Told, told => told.Id == 1007);
        log.AssertNothingLost();
        await log.CloseAsync();
        await log.OpenAsync();
        log.AssertNothingLost();
    }

    [Fact]
    public async Task Without_file_handles_a_cold_segment_is_unreadable_and_readable_again_afterwards()
    {
        await using var log = await FilledAsync();
        await log.CloseAsync();
        await log.OpenAsync();
        TakeHandles(log);
        var error = Assert.Throws<LogUnreadableException>(() => log.Log.ReadAll(1));
        Assert.IsType<StorageFullException>(error.InnerException);
        Assert.Contains("ulimit -n", error.Message, StringComparison.Ordinal);
        // At the tip nothing has to be opened.
        var next = log.Log.GetShard(1).NextIndex;
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        Assert.Single(log.Log.ReadAll(1, next));
        log.Disk.HealAll();
        log.AssertNothingLost();
    }

    [Fact]
    public async Task Retention_without_file_handles_goes_on_where_it_was_and_ends_no_log()
    {
        await using var log = await FilledAsync();
        log.Time.Advance(TimeSpan.FromSeconds(1));
        TakeHandles(log);
        var stored = log.Log.StoredBytes;
        await Assert.ThrowsAsync<StorageFullException>(() => log.TrimAsync(log.Time.GetUtcNow()));
        Assert.Null(log.Log.Failure);
        log.Disk.HealAll();
        await log.TrimAsync(log.Time.GetUtcNow());
        Assert.True(log.Log.StoredBytes < stored);
        Assert.Single(log.Files.ListFiles());
        // And no hole is left behind, wherever the power goes.
        log.Disk.Crash();
        await log.OpenAsync();
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
    }

    [Fact]
    public async Task A_disk_that_cannot_be_read_fails_its_readers_only_and_heals()
    {
        await using var log = await FilledAsync();
        log.Disk.FailFrom(SimulatedCall.Read, new IOException("bad sector"));
        for (var i = 0; i < 3; i++)
        {
            var error = Assert.Throws<LogUnreadableException>(() => log.Log.ReadAll(1));
            Assert.Contains("bad sector. Look for errors of the disk", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<LogUnreadableException>(() => log.Log.FindTime(1, log.Time.GetUtcNow() - TimeSpan.FromMilliseconds(60)));
        Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(1));
        log.Disk.HealAll();
        log.AssertNothingLost();
    }

    /// <summary>Three sealed segments and an active one, all of one shard but for a few records.</summary>
    internal static async Task<FaultyLog> FilledAsync(int seed = 0)
    {
        var log = new FaultyLog(seed);
        await log.OpenAsync();
        for (var i = 0; i < 14; i++)
        {
            await log.AppendAsync(i % 7 == 0 ? 2 : 1);
            log.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal(4, log.Files.ListFiles().Count);
        return log;
    }

    private static void TakeHandles(FaultyLog log)
    {
        var none = StorageFullException.NoHandles("a file", new IOException("Too many open files"));
        foreach (var call in (ReadOnlySpan<SimulatedCall>)[SimulatedCall.Create, SimulatedCall.Open, SimulatedCall.List, SimulatedCall.SyncDirectory])
            log.Disk.FailFrom(call, none);
    }
}
