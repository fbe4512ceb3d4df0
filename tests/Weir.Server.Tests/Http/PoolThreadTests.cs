using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

public sealed class PoolThreadTests
{
    [Fact]
    public async Task A_thread_that_others_wait_for_is_left()
    {
        var entered = new TaskCompletionSource<(bool BeforeIsPool, bool AfterIsPool)>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => _ = EnterAsync()).Start();
        Assert.Equal((false, true), await entered.Task.WaitAsync(TestContext.Current.CancellationToken));

        async Task EnterAsync()
        {
            var before = Thread.CurrentThread.IsThreadPoolThread;
            await PoolThread.Enter();
            entered.SetResult((before, Thread.CurrentThread.IsThreadPoolThread));
        }
    }

    [Fact]
    public async Task On_the_pool_it_goes_on_at_once()
    {
        Assert.True(await Task.Run(static () => PoolThread.Enter().IsCompleted, TestContext.Current.CancellationToken));
    }
}
