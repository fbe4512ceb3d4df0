using Weir.Log.Storage;

namespace Weir.Log.Tests;

public sealed class CommitBufferTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 4096)]
    [InlineData(1, 4095)]
    [InlineData(100, 4000)]
    [InlineData(4095, 1)]
    [InlineData(4095, 2)]
    [InlineData(8, 100_000)]
    public void Blocks_are_the_head_the_frames_and_zeros(int headBytes, int bytes)
    {
        var head = new byte[headBytes];
        head.AsSpan().Fill(1);
        // What was there before must not show.
        var dirty = BlockMemory.Rent(LogBlock.Ceiling(headBytes + bytes));
        dirty.Memory.Span.Fill(9);
        dirty.Return();

        var buffer = CommitBuffer.Rent(new LogOffset(1000), bytes, head);
        buffer.Memory.Span.Fill(2);

        Assert.Equal(bytes, buffer.Memory.Length);
        Assert.Equal(new LogOffset(1000 + bytes), buffer.End);
        var blocks = buffer.Blocks;
        Assert.Equal(0, blocks.Length % LogBlock.Bytes);
        Assert.False(blocks[..headBytes].ContainsAnyExcept((byte)1));
        Assert.False(blocks.Slice(headBytes, bytes).ContainsAnyExcept((byte)2));
        Assert.False(blocks[(headBytes + bytes)..].ContainsAnyExcept((byte)0));
        Assert.Equal((headBytes + bytes) % LogBlock.Bytes, buffer.LastBlock.Length);
        Assert.True(blocks[..(headBytes + bytes)].EndsWith(buffer.LastBlock));
        buffer.Release();
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(3000, false)]
    [InlineData(10_000, false)]
    public void The_tail_holds_no_blocks_that_are_mostly_empty(int bytes, bool copied)
    {
        var buffer = CommitBuffer.Rent(new LogOffset(64), bytes);
        buffer.Memory.Span.Fill(7);
        var kept = buffer.ForTail();
        buffer.Release();
        Assert.Equal(copied, !ReferenceEquals(buffer, kept));
        Assert.Equal(new LogOffset(64), kept.Start);
        Assert.Equal(bytes, kept.Memory.Length);
        Assert.False(kept.Memory.Span.ContainsAnyExcept((byte)7));
        Assert.InRange(kept.HeldBytes, bytes, Math.Max(512, bytes * 2));
        kept.Release();
    }
}
