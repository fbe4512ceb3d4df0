using System.Runtime.InteropServices;
using Weir.Log.Storage;

namespace Weir.Log.Tests;

public sealed class BlockMemoryTests
{
    public static TheoryData<int> Sizes => [1, 512, 513, 4096, 4097, 8192, 70_000, 1024 * 1024, (1024 * 1024) + 1, 20_000_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_piece_is_large_enough_and_begins_at_a_block(int bytes)
    {
        var pieces = Enumerable.Range(0, 5).Select(_ => BlockMemory.Rent(bytes)).ToArray();
        foreach (var piece in pieces)
        {
            Assert.InRange(piece.Memory.Length, bytes, int.MaxValue);
            if (bytes >= LogBlock.Bytes)
                Assert.Equal(0, AddressOf(piece) % LogBlock.Bytes);
        }

        foreach (var piece in pieces)
            piece.Return();
    }

    [Fact]
    public void No_two_pieces_share_a_byte()
    {
        // More than a slab of the small sizes, so that several are cut.
        var pieces = new[] { 512, 4096, 64 * 1024, 1024 * 1024 }.SelectMany(size => Enumerable.Range(0, 40).Select(_ => BlockMemory.Rent(size))).ToArray();
        var ranges = pieces.Select(piece => (Start: AddressOf(piece), End: AddressOf(piece) + piece.Memory.Length)).Order().ToArray();
        for (var i = 1; i < ranges.Length; i++)
            Assert.True(ranges[i - 1].End <= ranges[i].Start, $"{ranges[i - 1]} and {ranges[i]} overlap.");
        foreach (var piece in pieces)
            piece.Return();
    }

    [Fact]
    public void A_piece_that_is_returned_twice_is_a_bug_that_shows()
    {
        var piece = BlockMemory.Rent(4096);
        piece.Return();
        Assert.Throws<InvalidOperationException>(piece.Return);
    }

    private static long AddressOf(BlockMemory piece)
    {
        Assert.True(MemoryMarshal.TryGetArray<byte>(piece.Memory, out var segment));
        return Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset);
    }
}
