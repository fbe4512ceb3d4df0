namespace Weir.Log.Tests;

/// <summary>What is given back is used again, also for other sizes. The pool is the process's, so nobody else may use it meanwhile.</summary>
[Collection(nameof(BlockMemoryReuseTests))]
[CollectionDefinition(nameof(BlockMemoryReuseTests), DisableParallelization = true)]
public sealed class BlockMemoryReuseTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void An_idle_piece_does_for_a_size_or_two_less()
    {
        var piece = BlockMemory.Rent(6 * MiB);
        piece.Return();
        var smaller = BlockMemory.Rent((4 * MiB) + 1);
        Assert.Same(piece, smaller);
        smaller.Return();
        // Three sizes less: half of it would be held for nothing.
        var small = BlockMemory.Rent((3 * MiB) + (MiB / 2));
        Assert.NotSame(piece, small);
        small.Return();
    }

    // Commits come in all sizes and leave in the order in which they came: the recent ones are kept for readers.
    [Fact]
    public void Commits_of_all_sizes_seldom_take_new_memory()
    {
        const int commits = 5000;
        var random = new Random(7);
        var recent = new Queue<BlockMemory>();
        var (held, rented, allocated) = (0L, 0L, 0L);
        for (var i = 0; i < commits; i++)
        {
            var bytes = 20_000 + (int)(random.NextDouble() * random.NextDouble() * 600_000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var piece = BlockMemory.Rent(bytes);
            // Those that fill the memory of the recent ones are new by nature.
            if (i >= commits / 5)
                (allocated, rented) = (allocated + GC.GetAllocatedBytesForCurrentThread() - before, rented + bytes);
            recent.Enqueue(piece);
            held += piece.Memory.Length;
            while (held > 32 * MiB)
            {
                var oldest = recent.Dequeue();
                held -= oldest.Memory.Length;
                oldest.Return();
            }
        }

        Assert.True(allocated < rented / 10, $"{allocated} bytes were allocated for {rented}.");
        while (recent.TryDequeue(out var last))
            last.Return();
    }
}
