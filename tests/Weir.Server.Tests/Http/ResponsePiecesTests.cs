using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

/// <summary>Whatever is written in whatever portions comes out again, in its order and all of it.</summary>
public sealed class ResponsePiecesTests
{
    [Fact]
    public void What_was_written_is_what_the_pieces_hold() =>
        Prop.ForAll(Portions(), portions =>
        {
            using var pieces = new ResponsePieces();
            using var expected = new MemoryStream();
            var random = new Random(portions.Length);
            foreach (var bytes in portions)
            {
                var portion = new byte[bytes];
                random.NextBytes(portion);
                expected.Write(portion);
                // In one span of just that size, or in as many as there turn out to be.
                if (bytes % 2 == 0)
                {
                    portion.CopyTo(pieces.GetSpan(bytes));
                    pieces.Advance(bytes);
                }
                else
                {
                    pieces.Write(portion);
                }
            }

            return pieces.Length == expected.Length && Joined(pieces).AsSpan().SequenceEqual(expected.ToArray());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_small_answer_is_one_piece()
    {
        using var pieces = new ResponsePieces();
        pieces.Write(new byte[100 * 1024]);
        Assert.Equal(1, pieces.Count);
    }

    [Fact]
    public void A_page_is_written_in_pieces_that_do_not_grow()
    {
        using var pieces = new ResponsePieces();
        for (var i = 0; i < 1000; i++)
        {
            pieces.GetSpan(10_000);
            pieces.Advance(10_000);
        }

        Assert.Equal(10_000_000, pieces.Length);
        for (var i = 0; i < pieces.Count; i++)
            Assert.InRange(pieces[i].Length, 1, ResponsePieces.PieceBytes);
    }

    [Fact]
    public void What_was_cleared_is_gone()
    {
        using var pieces = new ResponsePieces();
        pieces.Write(new byte[600 * 1024]);
        pieces.Clear();
        Assert.Equal((0, 1), (pieces.Length, pieces.Count));
        pieces.Write("new"u8);
        Assert.Equal("new"u8.ToArray(), Joined(pieces));
    }

    private static byte[] Joined(ResponsePieces pieces) => [.. Enumerable.Range(0, pieces.Count).SelectMany(i => pieces[i].ToArray())];

    private static Arbitrary<int[]> Portions() =>
        Gen.ArrayOf(Gen.OneOf(Gen.Choose(1, 300), Gen.Choose(1, 70_000), Gen.Choose(250_000, 600_000))).ToArbitrary();
}
