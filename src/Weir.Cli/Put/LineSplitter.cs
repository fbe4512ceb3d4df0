using System.Buffers;

namespace Weir.Cli.Put;

/// <summary>Finds lines in what was read: ended by LF or CR LF, the last one also by the end of the input.</summary>
internal static class LineSplitter
{
    /// <summary>Takes the next line off the buffer.</summary>
    /// <param name="buffer">What was read and not taken yet; moved behind the line.</param>
    /// <param name="atEnd">Whether nothing follows the buffer.</param>
    /// <param name="line">The line without its end.</param>
    /// <returns>False when the buffer holds no whole line.</returns>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, bool atEnd, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = WithoutCarriageReturn(buffer.Slice(0, end));
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        line = buffer;
        if (!atEnd || buffer.IsEmpty)
            return false;
        line = WithoutCarriageReturn(buffer);
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static ReadOnlySequence<byte> WithoutCarriageReturn(ReadOnlySequence<byte> line)
    {
        if (line.IsEmpty)
            return line;
        var last = line.Slice(line.Length - 1);
        return last.FirstSpan[0] == '\r' ? line.Slice(0, line.Length - 1) : line;
    }
}
