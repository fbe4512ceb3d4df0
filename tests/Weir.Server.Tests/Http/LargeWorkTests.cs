using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

/// <summary>Large work takes turns; small work never waits for one.</summary>
public sealed class LargeWorkTests
{
    private const int Large = LargeWork.SmallBytes + 1;

    [Fact]
    public async Task Small_work_passes_while_large_work_fills_every_turn()
    {
        var work = new LargeWork(atOnce: 1);
        using var running = await work.EnterAsync(Large);
        var next = work.EnterAsync(Large);
        Assert.False(next.IsCompleted);
        Assert.True(work.EnterAsync(LargeWork.SmallBytes).IsCompletedSuccessfully);
        Assert.Equal(1, work.Waiting);
    }

    [Fact]
    public async Task Turns_go_to_who_has_waited_longest()
    {
        var work = new LargeWork(atOnce: 2);
        var first = await work.EnterAsync(Large);
        var second = await work.EnterAsync(Large);
        var third = work.EnterAsync(Large).AsTask();
        var fourth = work.EnterAsync(Large).AsTask();
        first.Dispose();
        var turn = await third.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(fourth.IsCompleted);
        Assert.Equal(1, work.Waiting);
        second.Dispose();
        (await fourth.WaitAsync(TestContext.Current.CancellationToken)).Dispose();
        turn.Dispose();
        Assert.Equal(0, work.Waiting);
        Assert.True(work.EnterAsync(Large).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Never_more_run_than_may_and_all_come_to_their_turn()
    {
        const int AtOnce = 3;
        var work = new LargeWork(AtOnce);
        var (running, most) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            using var turn = await work.EnterAsync(Large);
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref running);
        })));
        Assert.InRange(most, 1, AtOnce);
        Assert.Equal(0, work.Waiting);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
