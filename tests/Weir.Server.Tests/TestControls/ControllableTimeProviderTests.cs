using System.Collections.Concurrent;
using Weir.Server.TestControls;
using Weir.TestKit;

namespace Weir.Server.Tests.TestControls;

/// <summary>The clock over the machine's: here the machine's clock is a manual one, so that "it runs" is exact too.</summary>
public sealed class ControllableTimeProviderTests : IDisposable
{
    private readonly ManualTimeProvider _machine = new();
    private readonly ControllableTimeProvider _time;

    public ControllableTimeProviderTests() => _time = new ControllableTimeProvider(_machine);

    public void Dispose() => _time.Dispose();

    [Fact]
    public void Untouched_it_is_the_machines_clock()
    {
        Assert.Equal(_machine.GetUtcNow(), _time.GetUtcNow());
        var stamp = _time.GetTimestamp();
        _machine.Advance(TimeSpan.FromTicks(1_234_567));
        Assert.Equal(_machine.GetUtcNow(), _time.GetUtcNow());
        Assert.Equal(TimeSpan.FromTicks(1_234_567), _time.GetElapsedTime(stamp));
    }

    [Fact]
    public void While_it_runs_the_wall_clock_follows_the_machines_and_timestamps_do_not_notice()
    {
        var stamp = _time.GetTimestamp();
        _machine.ShiftWallClock(TimeSpan.FromMinutes(-3));
        Assert.Equal(_machine.GetUtcNow(), _time.GetUtcNow());
        Assert.Equal(stamp, _time.GetTimestamp());
    }

    [Fact]
    public void Frozen_it_stands_and_resumed_it_goes_on_from_there()
    {
        var frozenAt = _time.GetUtcNow();
        _time.Freeze();
        _machine.Advance(TimeSpan.FromHours(1));
        Assert.Equal(frozenAt, _time.GetUtcNow());
        _time.Resume();
        _time.Resume();
        Assert.Equal(frozenAt, _time.GetUtcNow());
        _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(frozenAt + TimeSpan.FromSeconds(1), _time.GetUtcNow());
    }

    [Fact]
    public async Task Moved_while_it_runs_it_runs_on_ahead()
    {
        await MoveAsync(TimeSpan.FromHours(24));
        Assert.Equal(_machine.GetUtcNow() + TimeSpan.FromHours(24), _time.GetUtcNow());
        _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_machine.GetUtcNow() + TimeSpan.FromHours(24), _time.GetUtcNow());
        Assert.False(_time.IsFrozen);
    }

    [Fact]
    public async Task A_timer_fires_when_the_running_clock_comes_to_it()
    {
        var fired = new TaskCompletionSource<DateTimeOffset>();
        using var timer = Timer(fired, TimeSpan.FromSeconds(10));
        _machine.Advance(TimeSpan.FromSeconds(9));
        Assert.False(fired.Task.IsCompleted);
        _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_machine.GetUtcNow(), await fired.Task);
    }

    [Fact]
    public async Task A_timer_of_a_frozen_clock_waits_for_its_resumption()
    {
        var fired = new TaskCompletionSource<DateTimeOffset>();
        using var timer = Timer(fired, TimeSpan.FromSeconds(10));
        var due = _time.GetUtcNow() + TimeSpan.FromSeconds(10);
        _machine.Advance(TimeSpan.FromSeconds(4));
        _time.Freeze();
        _machine.Advance(TimeSpan.FromHours(1));
        _time.Resume();
        _machine.Advance(TimeSpan.FromSeconds(5));
        Assert.False(fired.Task.IsCompleted);
        _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(due, await fired.Task);
    }

    [Fact]
    public async Task What_is_due_at_once_fires_also_while_the_clock_stands()
    {
        _time.Freeze();
        var fired = new TaskCompletionSource<DateTimeOffset>();
        using var timer = Timer(fired, TimeSpan.Zero);
        // The manual machine fires only in a move of its own, however short.
        _machine.Advance(TimeSpan.Zero);
        Assert.Equal(_time.GetUtcNow(), await fired.Task);
    }

    [Fact]
    public async Task A_due_time_beyond_what_a_sleep_takes_is_reached_in_several()
    {
        var fired = new TaskCompletionSource<DateTimeOffset>();
        using var timer = Timer(fired, TimeSpan.FromDays(40));
        _machine.Advance(TimeSpan.FromDays(40) - TimeSpan.FromSeconds(1));
        Assert.False(fired.Task.IsCompleted);
        _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_machine.GetUtcNow(), await fired.Task);
    }

    [Fact]
    public void Periods_that_passed_unseen_are_not_made_up_for()
    {
        // Each alarm rings 25 seconds late, as after a machine's sleep.
        using var time = new ControllableTimeProvider(new LateTimeProvider(_machine, TimeSpan.FromSeconds(25)));
        using var fired = new BlockingCollection<DateTimeOffset>();
        var begin = time.GetUtcNow();
        using var timer = time.CreateTimer(_ => fired.Add(time.GetUtcNow()), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        _machine.Advance(TimeSpan.FromSeconds(35));
        // Due at 10, 20 and 30; rung at 35. The next one is due at 40.
        Assert.Equal(begin + TimeSpan.FromSeconds(35), fired.Take(TestContext.Current.CancellationToken));
        _machine.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(fired);
        _machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(begin + TimeSpan.FromSeconds(65), fired.Take(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Between_two_instants_of_a_move_what_was_set_going_is_waited_for()
    {
        _time.Freeze();
        var told = new List<string>();
        using var first = _time.CreateTimer(_ => told.Add("first"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var second = _time.CreateTimer(_ => told.Add("second"), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        await _time.MoveAsync(TimeSpan.FromSeconds(3), async () =>
        {
            await Task.Yield();
            told.Add("settled");
        });
        Assert.Equal(["settled", "first", "settled", "second", "settled"], told);
    }

    [Fact]
    public async Task A_callback_that_fails_ends_the_move_where_it_is_and_the_clock_goes_on()
    {
        using var bad = _time.CreateTimer(_ => throw new InvalidOperationException("bad"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        var begin = _time.GetUtcNow();
        await Assert.ThrowsAsync<InvalidOperationException>(() => MoveAsync(TimeSpan.FromSeconds(3)));
        Assert.Equal(begin + TimeSpan.FromSeconds(1), _time.GetUtcNow());
        await MoveAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(begin + TimeSpan.FromSeconds(4), _time.GetUtcNow());
    }

    [Fact]
    public async Task A_callback_runs_in_the_context_of_whoever_set_the_timer()
    {
        var local = new AsyncLocal<string> { Value = "mine" };
        string? seen = null;
        using var timer = _time.CreateTimer(_ => seen = local.Value, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        local.Value = "other";
        await MoveAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("mine", seen);
    }

    [Fact]
    public async Task Disposing_a_timer_waits_for_its_callback()
    {
        using var go = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var timer = _time.CreateTimer(
            _ =>
            {
                begun.SetResult();
                go.Wait(TestContext.Current.CancellationToken);
            },
            null,
            TimeSpan.FromSeconds(1),
            Timeout.InfiniteTimeSpan);
        _machine.Advance(TimeSpan.FromSeconds(1));
        await begun.Task;
        var disposal = timer.DisposeAsync();
        Assert.False(disposal.IsCompleted);
        go.Set();
        await disposal;
    }

    [Theory]
    [InlineData(-2, -1)]
    [InlineData(0, -2)]
    [InlineData(4_294_967_295, -1)]
    public void Times_that_the_frameworks_timers_refuse_are_refused(long dueMilliseconds, long periodMilliseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => _time.CreateTimer(_ => { }, null, TimeSpan.FromMilliseconds(dueMilliseconds), TimeSpan.FromMilliseconds(periodMilliseconds)));

    [Fact]
    public async Task It_never_goes_back_whatever_is_done_to_it()
    {
        using var time = new ControllableTimeProvider(TimeProvider.System);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var (utc, stamp) = (time.GetUtcNow(), time.GetTimestamp());
            var reads = 0;
            while (!done.IsCancellationRequested || reads == 0)
            {
                var (nextUtc, nextStamp) = (time.GetUtcNow(), time.GetTimestamp());
                // The machine's wall clock may be set while this runs; its timestamps may not.
                Assert.True(nextUtc > utc - TimeSpan.FromSeconds(1) && nextStamp >= stamp, $"{utc:O} {stamp}, then {nextUtc:O} {nextStamp}");
                (utc, stamp, reads) = (nextUtc, nextStamp, reads + 1);
            }
        })).ToArray();
        for (var i = 0; i < 5_000; i++)
        {
            time.Freeze();
            await time.MoveAsync(TimeSpan.FromTicks(i), () => Task.CompletedTask);
            time.Resume();
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task On_the_systems_clock_a_timer_comes_by_itself()
    {
        using var time = new ControllableTimeProvider(TimeProvider.System);
        var stamp = time.GetTimestamp();
        await Task.Delay(TimeSpan.FromMilliseconds(20), time, TestContext.Current.CancellationToken);
        Assert.True(time.GetElapsedTime(stamp) >= TimeSpan.FromMilliseconds(20));
    }

    private Task MoveAsync(TimeSpan time) => _time.MoveAsync(time, () => Task.CompletedTask);

    private ITimer Timer(TaskCompletionSource<DateTimeOffset> fired, TimeSpan due) =>
        _time.CreateTimer(_ => fired.TrySetResult(_time.GetUtcNow()), state: null, due, Timeout.InfiniteTimeSpan);

    /// <summary>A machine whose timers ring late.</summary>
    private sealed class LateTimeProvider(TimeProvider time, TimeSpan late) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new LateTimer(time.CreateTimer(callback, state, dueTime, period), late);
    }

    private sealed class LateTimer(ITimer timer, TimeSpan late) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime == Timeout.InfiniteTimeSpan ? dueTime : dueTime + late, period);

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
