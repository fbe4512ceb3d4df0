using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Format;
using Weir.Log.Storage;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>How fast room is given back, on a disk with large files in it; and the thread that does it.</summary>
public sealed class RoomReleaseTests
{
    private const int MiB = 1024 * 1024;

    private static readonly LogId Id = new(1);

    private readonly SimulatedDirectory _disk = new();
    private readonly StepwiseCommitScheduler _scheduler = new();

    private SimulatedDirectory Discarded => (SimulatedDirectory)_disk.OpenDirectory(DiscardedName.Directory);

    [Fact]
    public void A_file_is_cut_from_its_end_step_by_step_and_deleted_when_nothing_is_left()
    {
        var release = With(20, 1);
        Assert.Equal(0, release.DiscardedBytes);
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        Assert.Equal(((20 + 1 - 8) * MiB, 12 * MiB), (release.DiscardedBytes, Discarded.ReadFile("0").Length));
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        Assert.Equal(4 * MiB, Discarded.ReadFile("0").Length);
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        // What is left of a step goes to the next file.
        Assert.Empty(Discarded.ListFiles());
        Assert.Equal(0, release.DiscardedBytes);
        Assert.Null(_scheduler.RunStep());
        Assert.Null(_scheduler.RunStep());
    }

    [Fact]
    public void The_more_is_written_the_shorter_the_pause_so_that_it_never_falls_behind()
    {
        var release = With(80);
        // Before there was anything to give back: no reason to hurry.
        release.Wrote(1000 * MiB);
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        Assert.Equal(72 * MiB, Discarded.ReadFile("0").Length);
        // 16 MiB in 25 ms: 32 MiB are to come back in as long.
        release.Wrote(10 * MiB);
        release.Wrote(6 * MiB);
        Assert.Equal(RoomRelease.StepPause / 4, _scheduler.RunStep());
        Assert.Equal(64 * MiB, Discarded.ReadFile("0").Length);
        // Just as fast.
        release.Wrote(4 * MiB);
        Assert.Equal(RoomRelease.StepPause / 4, _scheduler.RunStep());
        // Half as fast.
        release.Wrote(2 * MiB);
        Assert.Equal(RoomRelease.StepPause / 2, _scheduler.RunStep());
        release.Wrote(1);
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        release.Wrote(100_000L * MiB);
        Assert.Equal(TimeSpan.FromMilliseconds(1), _scheduler.RunStep());
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
    }

    [Fact]
    public void While_room_is_short_there_is_no_pause()
    {
        var release = With(20);
        release.IsShort = true;
        Assert.Equal(TimeSpan.Zero, _scheduler.RunStep());
        release.IsShort = false;
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
    }

    [Fact]
    public void Thousands_of_small_files_have_a_pace_as_well_and_no_listing_for_each()
    {
        for (var i = 0; i < 2000; i++)
            Discarded.WriteFile($"{i:D4}", [1]);
        var release = Release();
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        Assert.InRange(Discarded.ListFiles().Count, 2000 - 33, 2000 - 10);
        _scheduler.RunSteps();
        Assert.Empty(Discarded.ListFiles());
        Assert.Equal(0, release.DiscardedBytes);
    }

    [Fact]
    public async Task A_full_disk_takes_the_pauses_away_until_there_is_room_again()
    {
        await using var store = new SegmentedLogStore(_disk, new LogOptions { SegmentBytes = 4096 }, new ManualTimeProvider(), NullLoggerFactory.Instance, _scheduler);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        Discarded.WriteFile("0", new byte[20 * MiB]);
        _disk.CapacityBytes = 20 * MiB;
        Assert.Equal(AppendOutcome.StorageFull, await AppendAsync(log));
        Assert.Equal(TimeSpan.Zero, _scheduler.RunStep());
        Assert.Equal(AppendOutcome.Appended, await AppendAsync(log));
        Assert.Equal(RoomRelease.StepPause, _scheduler.RunStep());
        await _scheduler.RunUntil(log.DisposeAsync().AsTask());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Between_two_segments_retention_rests_unless_room_is_short(bool isShort)
    {
        var time = new ManualTimeProvider();
        await using var store = new SegmentedLogStore(_disk, new LogOptions { SegmentBytes = 4096 }, time, NullLoggerFactory.Instance, _scheduler);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        for (var i = 0; i < 20; i++)
            await AppendAsync(log);
        if (isShort)
        {
            _disk.CapacityBytes = 0;
            while (await AppendAsync(log) == AppendOutcome.Appended)
            {
            }

            _disk.CapacityBytes = null;
        }

        time.Advance(TimeSpan.FromSeconds(1));
        await _scheduler.RunUntil(log.TrimAsync(time.GetUtcNow(), CancellationToken.None));
        var trimmed = Discarded.ListFiles().Count;
        // First, as the store would wait for it without end.
        await _scheduler.RunUntil(log.DisposeAsync().AsTask());
        Assert.True(trimmed > 3);
        Assert.Equal(isShort ? 0 : trimmed - 1, _scheduler.Rests);
    }

    [Fact]
    public async Task What_a_server_trims_and_deletes_is_gone_from_a_real_disk_after_a_while()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider();
        await using var store = new SegmentedLogStore(new PhysicalDirectory(directory.Path), new LogOptions { SegmentBytes = 4096 }, time, NullLoggerFactory.Instance);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        for (var i = 0; i < 20; i++)
            await log.AppendAsync(1, new string('x', 900));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await log.TrimAsync(time.GetUtcNow(), CancellationToken.None) > 16 * 1024);
        Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, Id.ToString())));
        await log.DisposeAsync();
        await store.DeleteAsync(Id, CancellationToken.None);
        Assert.Empty(store.List());
        while (Directory.EnumerateFileSystemEntries(Path.Combine(directory.Path, DiscardedName.Directory)).Any())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_log_that_is_deleted_while_it_is_trimmed_is_no_failure()
    {
        using var directory = new TemporaryDirectory();
        var time = new ManualTimeProvider();
        await using var store = new SegmentedLogStore(
            new PhysicalDirectory(directory.Path), new LogOptions { SegmentBytes = 4096 }, time, NullLoggerFactory.Instance, _scheduler);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        for (var i = 0; i < 5; i++)
            await AppendAsync(log);
        time.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(log);
        // As its owner does, between two steps of a trim.
        Directory.CreateDirectory(Path.Combine(directory.Path, DiscardedName.Directory));
        Directory.Move(Path.Combine(directory.Path, Id.ToString()), Path.Combine(directory.Path, DiscardedName.Directory, Id.ToString()));
        var trim = log.TrimAsync(time.GetUtcNow() - TimeSpan.FromMilliseconds(500), CancellationToken.None);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => _scheduler.RunUntil(trim));
        Assert.Null(log.Failure);
        await _scheduler.RunUntil(log.DisposeAsync().AsTask());
        _scheduler.RunSteps();
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(directory.Path, DiscardedName.Directory)));
    }

    [Fact]
    public void A_pause_lasts_whoever_asks_and_ends_with_the_store()
    {
        var work = new CountedSteps();
        using (var steps = new PacedSteps())
        {
            steps.Ask(work);
            work.Took.Wait(TestContext.Current.CancellationToken);
            // The pause has begun or is about to, and is an hour long: only the end ends it.
            steps.Ask(work);
        }

        Assert.Equal(1, work.Count);
    }

    [Fact]
    public void Steps_go_on_until_one_asks_for_none_and_again_when_asked()
    {
        var work = new CountedSteps { Pauses = new Queue<TimeSpan?>([TimeSpan.Zero, TimeSpan.FromMilliseconds(1), null, null]) };
        using var steps = new PacedSteps();
        steps.Ask(work);
        for (var i = 0; i < 3; i++)
            work.Took.Wait(TestContext.Current.CancellationToken);
        steps.Ask(work);
        work.Took.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(4, work.Count);
    }

    private RoomRelease With(params int[] mebibytes)
    {
        for (var i = 0; i < mebibytes.Length; i++)
            Discarded.WriteFile($"{i}", new byte[mebibytes[i] * MiB]);
        return Release();
    }

    private RoomRelease Release() => new(_disk, _scheduler, NullLogger.Instance);

    private async Task<AppendOutcome> AppendAsync(IRecordLog log)
    {
        var append = log.AppendAsync(1, new string('x', 3500));
        await _scheduler.RunUntil(append);
        return (await append).Outcome;
    }

    private sealed class CountedSteps : IPacedWork
    {
        public Queue<TimeSpan?> Pauses { get; init; } = new([TimeSpan.FromHours(1)]);

        public SemaphoreSlim Took { get; } = new(0);

        public int Count { get; private set; }

        public TimeSpan? Step()
        {
            Count++;
            var pause = Pauses.Dequeue();
            Took.Release();
            return pause;
        }
    }
}
