namespace Weir.Model.Tests;

/// <summary>The pool keeps what is asked for again and again, and never more than its bound, whatever the sizes were before.</summary>
public sealed class BufferPoolTests
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(1537)]
    [InlineData((32 * 1024) + 1)]
    [InlineData(700_000)]
    [InlineData(MiB)]
    [InlineData(MiB + 1)]
    [InlineData(64 * MiB)]
    [InlineData((64 * MiB) + 1)]
    public void An_array_is_as_long_as_was_said_and_not_much_longer_than_was_asked_for(int length)
    {
        var pool = new BufferPool();
        var array = pool.Rent(length);
        Assert.Equal(BufferPool.LengthFor(length), array.Length);
        Assert.True(array.Length >= length, $"{array.Length} for {length}");
        // Small ones are the runtime's, by powers of two.
        if (length > 1024)
            Assert.True(array.Length <= length + (length / 4) + 1, $"{array.Length} for {length}");
        pool.Return(array);
    }

    [Fact]
    public void Every_size_is_the_next_above_the_one_before()
    {
        var size = 1024;
        while (size < 64 * MiB)
        {
            var next = BufferPool.LengthFor(size + 1);
            Assert.InRange(next, size + 1, size + (size / 4));
            Assert.Equal(next, BufferPool.LengthFor(next));
            size = next;
        }

        Assert.Equal(64 * MiB, size);
    }

    [Fact]
    public void What_is_given_back_is_lent_again()
    {
        var pool = new BufferPool();
        var array = pool.Rent(MiB);
        Assert.Equal((MiB, 0), (pool.LentBytes, pool.IdleBytes));
        pool.Return(array);
        Assert.Equal((0, MiB), (pool.LentBytes, pool.IdleBytes));
        Assert.Same(array, pool.Rent(MiB - 100));
    }

    [Fact]
    public void Lent_and_idle_arrays_together_stay_within_the_bound_and_the_size_not_asked_for_lately_goes_first()
    {
        var pool = new BufferPool(maxBytes: 8 * MiB);
        GiveBack(pool, 4, 2 * MiB);
        Assert.Equal(8 * MiB, pool.IdleBytes);
        var small = pool.Rent(MiB);
        // What was made took the place of an idle one of the other size.
        Assert.Equal(6 * MiB, pool.IdleBytes);
        pool.Return(small);
        GiveBack(pool, 8, MiB);
        Assert.Equal((0, 8 * MiB), (pool.LentBytes, pool.IdleBytes));
        // All of the other size are gone: this one is new, and two small ones made room for it.
        _ = pool.Rent(2 * MiB);
        Assert.Equal((2 * MiB, 6 * MiB), (pool.LentBytes, pool.IdleBytes));
    }

    [Fact]
    public void What_is_lent_beyond_the_bound_leaves_nothing_idle()
    {
        var pool = new BufferPool(maxBytes: 2 * MiB);
        GiveBack(pool, 2, MiB);
        var arrays = Enumerable.Range(0, 3).Select(_ => pool.Rent(4 * MiB)).ToList();
        Assert.Equal((12 * MiB, 0), (pool.LentBytes, pool.IdleBytes));
        arrays.ForEach(array => pool.Return(array));
        Assert.Equal((0, 0), (pool.LentBytes, pool.IdleBytes));
    }

    [Fact]
    public void A_lower_bound_counts_at_once()
    {
        var pool = new BufferPool();
        GiveBack(pool, 4, MiB);
        pool.MaxBytes = MiB;
        Assert.Equal(MiB, pool.IdleBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.MaxBytes = -1);
    }

    [Fact]
    public void An_array_of_another_pool_is_refused() =>
        Assert.Throws<ArgumentException>(() => new BufferPool().Return(new byte[100_000]));

    [Fact]
    public void An_array_can_be_cleared_on_its_way_back()
    {
        var pool = new BufferPool();
        var array = pool.Rent(MiB);
        array[5] = 1;
        pool.Return(array, clearArray: true);
        Assert.Equal(0, array[5]);
    }

    [Fact]
    public void Arrays_that_come_back_all_at_once_are_kept_for_the_next_time()
    {
        var pool = new BufferPool();
        GiveBack(pool, 1000, 8000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _ = pool.Rent(8000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8000);
    }

    private static void GiveBack(BufferPool pool, int count, int length)
    {
        var arrays = Enumerable.Range(0, count).Select(_ => pool.Rent(length)).ToList();
        arrays.ForEach(array => pool.Return(array));
    }
}
