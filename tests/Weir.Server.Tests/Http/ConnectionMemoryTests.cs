using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

/// <summary>Who has a block of a connection's memory has it alone, and what is given back is used again.</summary>
public sealed class ConnectionMemoryTests : IDisposable
{
    private readonly ConnectionMemory _memory = new();

    [Fact]
    public void A_block_that_was_given_back_is_the_next_that_is_taken()
    {
        var first = _memory.Rent();
        first.Memory.Span[0] = 42;
        first.Dispose();
        using var second = _memory.Rent();
        Assert.Same(first, second);
    }

    [Fact]
    public void A_block_given_back_twice_is_nobody_else_s_twice()
    {
        var block = _memory.Rent();
        block.Dispose();
        block.Dispose();
        using var one = _memory.Rent();
        using var other = _memory.Rent();
        Assert.NotSame(one, other);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(ConnectionMemory.BlockBytes)]
    public void Every_block_has_its_whole_size_whatever_was_asked_for(int minBufferSize)
    {
        using var block = _memory.Rent(minBufferSize);
        Assert.Equal(ConnectionMemory.BlockBytes, block.Memory.Length);
    }

    [Fact]
    public void More_than_a_block_is_refused_and_said_to_be()
    {
        Assert.Equal(ConnectionMemory.BlockBytes, _memory.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => _memory.Rent(ConnectionMemory.BlockBytes + 1));
    }

    [Fact]
    public void Of_a_burst_only_so_many_blocks_stay()
    {
        var burst = Enumerable.Range(0, 1000).Select(_ => _memory.Rent()).ToList();
        burst.ForEach(block => block.Dispose());
        var again = Enumerable.Range(0, 1000).Select(_ => _memory.Rent()).ToList();
        Assert.Equal(256, again.Intersect(burst).Count());
        again.ForEach(block => block.Dispose());
    }

    public void Dispose() => _memory.Dispose();
}
