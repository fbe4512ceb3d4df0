using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Cli.Put;

namespace Weir.Cli.Tests.Put;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("\n\n", "|")]
    [InlineData("a\rb\n", "a\rb")]
    [InlineData("\r\n", "")]
    public void Lines_end_at_line_feeds_and_at_the_end(string text, string lines) =>
        Assert.Equal(text.Length == 0 ? [] : lines.Split('|'), Split(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Where_the_input_was_cut_into_pieces_does_not_matter() =>
        Prop.ForAll(
            Gen.Elements('a', '\n', '\r').ArrayOf().ToArbitrary(),
            ArbMap.Default.GeneratorFor<PositiveInt>().ToArbitrary(),
            (characters, piece) =>
            {
                var bytes = characters.Select(character => (byte)character).ToArray();
                return Split(Pieces(bytes, (piece.Get % 5) + 1)).SequenceEqual(Split(new ReadOnlySequence<byte>(bytes)));
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_unfinished_line_waits_for_its_end()
    {
        var buffer = new ReadOnlySequence<byte>("ab\ncd"u8.ToArray());

        Assert.True(LineSplitter.TryTake(ref buffer, atEnd: false, out _));
        Assert.False(LineSplitter.TryTake(ref buffer, atEnd: false, out _));
        Assert.Equal(2, buffer.Length);
    }

    private static List<string> Split(ReadOnlySequence<byte> buffer)
    {
        var lines = new List<string>();
        while (LineSplitter.TryTake(ref buffer, atEnd: true, out var line))
            lines.Add(Encoding.UTF8.GetString(line));
        return lines;
    }

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, int size)
    {
        Piece? first = null, last = null;
        foreach (var chunk in bytes.Chunk(size))
        {
            last = new Piece(chunk, last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] memory, Piece? previous)
        {
            Memory = memory;
            RunningIndex = previous is null ? 0 : previous.RunningIndex + previous.Memory.Length;
            if (previous is not null)
                previous.Next = this;
        }
    }
}
