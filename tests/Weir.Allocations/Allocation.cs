namespace Weir.Allocations;

/// <summary>What an operation allocates, in the whole process: its other threads belong to it.</summary>
internal static class Allocation
{
    // Enough for the tail of a log to turn over with batches of half a megabyte, too.
    private const int Warmups = 150;
    private const int Rounds = 300;
    private const int OperationsOfRound = 3;

    /// <summary>Bytes of one operation once it is warm.</summary>
    /// <remarks>
    /// The least of many short rounds. Everything else that allocates, a timer, a pool that grows, a segment that is rolled, adds to some rounds and
    /// never takes from one; so the least does not wobble. A round is a few operations, because on a busy machine there is no longer time in which
    /// every buffer comes back to the thread that asks for the next one, and a pool that has none takes new memory.
    /// </remarks>
    public static async Task<long> OfAsync(Func<ValueTask> operation)
    {
        for (var i = 0; i < Warmups; i++)
            await operation();
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < OperationsOfRound; i++)
                await operation();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least / OperationsOfRound;
    }
}
