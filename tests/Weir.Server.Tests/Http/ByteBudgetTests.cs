using Weir.Server.Http;
using Weir.TestKit;

namespace Weir.Server.Tests.Http;

public sealed class ByteBudgetTests : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ManualTimeProvider _time = new();
    private readonly ByteBudget _budget;

    public ByteBudgetTests() => _budget = new ByteBudget(100, LongestWait, _time);

    [Fact]
    public void What_is_there_is_given_at_once_and_not_a_byte_more()
    {
        using var most = _budget.TryTake(99);
        using var last = _budget.TryTake(1);
        Assert.NotNull(most);
        Assert.NotNull(last);
        Assert.Null(_budget.TryTake(1));
    }

    [Fact]
    public void What_is_given_back_is_there_again()
    {
        _budget.TryTake(100)!.Dispose();
        using var again = _budget.TryTake(100);
        Assert.NotNull(again);
    }

    [Fact]
    public void Giving_back_twice_gives_nothing_twice()
    {
        var share = _budget.TryTake(60)!;
        using var rest = _budget.TryTake(40);
        share.Dispose();
        share.Dispose();
        using var again = _budget.TryTake(60);
        Assert.NotNull(again);
        Assert.Null(_budget.TryTake(1));
    }

    [Fact]
    public async Task Who_waits_is_served_when_enough_has_come_back()
    {
        var first = _budget.TryTake(60)!;
        var second = _budget.TryTake(40)!;
        var waiting = TakeAsync(80);
        second.Dispose();
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        using var share = await waiting;
        Assert.NotNull(share);
    }

    [Fact]
    public async Task Nobody_overtakes_who_waits()
    {
        var all = _budget.TryTake(90)!;
        var large = TakeAsync(50);
        var small = TakeAsync(5);
        // There is room for it, and it has to stand in line all the same.
        Assert.False(small.IsCompleted);
        Assert.Null(_budget.TryTake(1));
        all.Dispose();
        using var first = await large;
        using var second = await small;
        Assert.NotNull(first);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task A_wait_ends_after_exactly_the_longest_that_is_allowed()
    {
        using var all = _budget.TryTake(100);
        var waiting = TakeAsync(1);
        _time.Advance(LongestWait - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await waiting);
        Assert.Equal(0, _time.ActiveTimers);
    }

    [Fact]
    public async Task Who_gave_up_waiting_holds_nothing_and_blocks_nobody()
    {
        var all = _budget.TryTake(100)!;
        var late = TakeAsync(100);
        _time.Advance(LongestWait);
        Assert.Null(await late);
        all.Dispose();
        using var again = _budget.TryTake(100);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_cancelled_wait_throws_and_holds_nothing()
    {
        using var client = new CancellationTokenSource();
        var all = _budget.TryTake(100)!;
        var waiting = _budget.TakeAsync(1, client.Token).AsTask();
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        all.Dispose();
        using var again = _budget.TryTake(100);
        Assert.NotNull(again);
    }

    public void Dispose() => _budget.Dispose();

    private Task<IDisposable?> TakeAsync(int bytes) => _budget.TakeAsync(bytes, TestContext.Current.CancellationToken).AsTask();
}
