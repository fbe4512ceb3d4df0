using Weir.TestKit;

namespace Weir.Streams.Tests;

/// <summary>Whoever moves the clock waits for what became due, and for nothing that still has time.</summary>
public sealed class DueWorkTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly DueWork _due;

    public DueWorkTests() => _due = new DueWork(_time);

    [Fact]
    public void Work_whose_time_has_not_come_is_not_waited_for()
    {
        using var entry = _due.Add(TimeSpan.FromSeconds(10));
        Assert.True(Waiting().IsCompletedSuccessfully);
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.True(Waiting().IsCompletedSuccessfully);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.False(Waiting().IsCompleted);
    }

    [Fact]
    public async Task Work_that_is_due_is_waited_for_until_it_is_done()
    {
        var first = _due.Add(TimeSpan.Zero);
        var second = _due.Add(TimeSpan.Zero);
        var waiting = Waiting();
        first.Dispose();
        Assert.False(waiting.IsCompleted);
        second.Dispose();
        await waiting;
        Assert.True(Waiting().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Work_that_is_tried_again_later_is_waited_for_only_then()
    {
        using var entry = _due.Add(TimeSpan.Zero);
        var waiting = Waiting();
        entry.Postpone(TimeSpan.FromSeconds(1));
        await waiting;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(Waiting().IsCompleted);
    }

    [Fact]
    public async Task The_waiting_ends_when_its_caller_has_no_more_patience()
    {
        using var entry = _due.Add(TimeSpan.Zero);
        using var patience = new CancellationTokenSource();
        var waiting = _due.WhenNoneAsync(patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private Task Waiting() => _due.WhenNoneAsync(TestContext.Current.CancellationToken);
}
