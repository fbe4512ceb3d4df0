using Weir.Server.TestControls;
using Weir.TestKit;

namespace Weir.Server.Tests.TestControls;

/// <summary>
/// What a clock promises that moves on request: the same facts for the one that unit tests pass in, and for the one that a running server
/// offers to other people's tests. They are two classes, because the second one runs by itself most of the time.
/// </summary>
public abstract class TimeProviderContract
{
    private readonly TimeProvider _time;

    private protected TimeProviderContract(TimeProvider time) => _time = time;

    private protected abstract Task MoveAsync(TimeSpan time);

    [Fact]
    public async Task Wall_clock_and_timestamps_move_together_and_only_on_request()
    {
        var (utc, stamp) = (_time.GetUtcNow(), _time.GetTimestamp());
        Assert.Equal((utc, stamp), (_time.GetUtcNow(), _time.GetTimestamp()));
        await MoveAsync(TimeSpan.FromHours(36));
        Assert.Equal(TimeSpan.FromHours(36), _time.GetUtcNow() - utc);
        Assert.Equal(TimeSpan.FromHours(36), _time.GetElapsedTime(stamp));
    }

    [Fact]
    public async Task Timers_fire_in_the_order_of_their_due_times_each_at_its_own()
    {
        var begin = _time.GetUtcNow();
        var fired = new List<string>();
        using var late = Timer("late", 30);
        using var early = Timer("early", 10);
        using var second = Timer("second", 20);
        using var third = Timer("third", 20);
        await MoveAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(["early at 10", "second at 20", "third at 20"], fired);
        await MoveAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("late at 30", fired[^1]);

        ITimer Timer(string name, int seconds) => _time.CreateTimer(
            _ => fired.Add($"{name} at {(_time.GetUtcNow() - begin).TotalSeconds}"), state: null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task A_periodic_timer_fires_at_each_period()
    {
        var begin = _time.GetUtcNow();
        var fired = new List<double>();
        using (_time.CreateTimer(_ => fired.Add((_time.GetUtcNow() - begin).TotalSeconds), state: null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)))
            await MoveAsync(TimeSpan.FromSeconds(8));
        Assert.Equal([1, 4, 7], fired);
        await MoveAsync(TimeSpan.FromSeconds(8));
        Assert.Equal(3, fired.Count);
    }

    [Fact]
    public async Task A_timer_that_is_set_anew_fires_at_its_new_time_only()
    {
        var fired = 0;
        using var timer = _time.CreateTimer(_ => fired++, state: null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan));
        await MoveAsync(TimeSpan.FromSeconds(9));
        Assert.Equal(0, fired);
        await MoveAsync(TimeSpan.FromSeconds(100));
        Assert.Equal(1, fired);
        timer.Dispose();
        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task A_timer_that_a_callback_sets_fires_in_the_same_move()
    {
        var fired = new List<DateTimeOffset>();
        var begin = _time.GetUtcNow();
        ITimer? inner = null;
        using var outer = _time.CreateTimer(_ => inner = Timer(), state: null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        await MoveAsync(TimeSpan.FromSeconds(5));
        Assert.Equal([begin + TimeSpan.FromSeconds(3)], fired);
        inner!.Dispose();

        ITimer Timer() => _time.CreateTimer(_ => fired.Add(_time.GetUtcNow()), state: null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task Delays_and_cancellations_of_the_framework_come_by_it()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(5), _time, TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(5), _time);
        await MoveAsync(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.False(delay.IsCompleted || cancellation.IsCancellationRequested);
        await MoveAsync(TimeSpan.FromMilliseconds(1));
        Assert.True(delay.IsCompleted && cancellation.IsCancellationRequested);
    }
}

public sealed class ManualTimeProviderTests : TimeProviderContract
{
    private readonly ManualTimeProvider _time;

    public ManualTimeProviderTests()
        : this(new ManualTimeProvider())
    {
    }

    private ManualTimeProviderTests(ManualTimeProvider time)
        : base(time) => _time = time;

    private protected override Task MoveAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}

public sealed class FrozenTimeProviderTests : TimeProviderContract, IDisposable
{
    private readonly ControllableTimeProvider _time;

    public FrozenTimeProviderTests()
        : this(new ControllableTimeProvider(TimeProvider.System))
    {
    }

    private FrozenTimeProviderTests(ControllableTimeProvider time)
        : base(time)
    {
        _time = time;
        _time.Freeze();
    }

    public void Dispose() => _time.Dispose();

    private protected override Task MoveAsync(TimeSpan time) => _time.MoveAsync(time, () => Task.CompletedTask);
}
