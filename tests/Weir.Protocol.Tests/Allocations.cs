namespace Weir.Protocol.Tests;

internal static class Allocations
{
    /// <summary>
    /// Bytes that an action allocates once it has run often enough to be warm. The least of several runs: a collection that
    /// another thread starts in between charges this thread with the rest of its allocation block.
    /// </summary>
    public static long Of(Action action)
    {
        for (var i = 0; i < 50; i++)
            action();
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
