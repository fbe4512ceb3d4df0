using System.Buffers.Text;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>Tells the bytes of one HTTP/1.1 body from the framing between them, wherever reading from the connection happens to cut.</summary>
internal struct BodyBytes
{
    // Of a body with a known length: how many are to come. Of a chunked one: how many of the chunk.
    private long _left;
    private Phase _phase;

    private enum Phase
    {
        /// <summary>A body of known length.</summary>
        Plain,

        /// <summary>In the digits of a chunk's size.</summary>
        Size,

        /// <summary>Behind the digits, up to the line's end.</summary>
        SizeEnd,

        /// <summary>In a chunk.</summary>
        Chunk,

        /// <summary>In the line's end behind a chunk.</summary>
        ChunkEnd,

        /// <summary>Behind the empty last chunk, at the beginning of a line.</summary>
        Trailer,

        /// <summary>Inside a line of the trailer.</summary>
        TrailerLine,

        /// <summary>Everything was there.</summary>
        Done,
    }

    /// <summary>Whether the body is whole.</summary>
    public readonly bool IsComplete => _phase == Phase.Done;

    /// <summary>Reads how the body is framed.</summary>
    /// <param name="head">The head, its last line's end included.</param>
    /// <exception cref="IOException">The head does not say.</exception>
    public static BodyBytes After(ReadOnlySpan<byte> head)
    {
        for (var lines = head; ;)
        {
            var end = lines.IndexOf("\r\n"u8);
            if (end <= 0)
                throw new IOException("An answer with neither Content-Length nor chunks.");
            var line = lines[..end];
            lines = lines[(end + 2)..];
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
                continue;
            var value = line[(colon + 1)..].Trim((byte)' ');
            if (System.Text.Ascii.EqualsIgnoreCase(line[..colon], "content-length"u8) && Utf8Parser.TryParse(value, out long length, out _))
                return new BodyBytes { _left = length, _phase = length == 0 ? Phase.Done : Phase.Plain };
            if (System.Text.Ascii.EqualsIgnoreCase(line[..colon], "transfer-encoding"u8) && System.Text.Ascii.EqualsIgnoreCase(value, "chunked"u8))
                return new BodyBytes { _phase = Phase.Size };
        }
    }

    /// <summary>Moves the body's bytes among the received ones to their front.</summary>
    /// <returns>How many they are.</returns>
    /// <exception cref="IOException">The framing is wrong.</exception>
    public int Take(Span<byte> received)
    {
        if (_phase == Phase.Plain)
        {
            _left -= received.Length;
            if (_left < 0)
                throw new IOException("An answer that is longer than it says.");
            if (_left == 0)
                _phase = Phase.Done;
            return received.Length;
        }

        var (taken, at) = (0, 0);
        while (at < received.Length)
        {
            if (_phase == Phase.Chunk)
            {
                var length = (int)Math.Min(_left, received.Length - at);
                received.Slice(at, length).CopyTo(received[taken..]);
                (taken, at, _left) = (taken + length, at + length, _left - length);
                if (_left == 0)
                    _phase = Phase.ChunkEnd;
                continue;
            }

            _phase = Step((char)received[at++]);
        }

        return taken;
    }

    // One byte of framing.
    private Phase Step(char next)
    {
        switch (_phase)
        {
            case Phase.Size when char.IsAsciiHexDigit(next):
                _left = (_left << 4) | (uint)Convert.ToInt32(next.ToString(), 16);
                return Phase.Size;
            case Phase.Size or Phase.SizeEnd when next == '\n':
                return _left == 0 ? Phase.Trailer : Phase.Chunk;
            case Phase.Size or Phase.SizeEnd:
                return Phase.SizeEnd;
            case Phase.ChunkEnd:
                return next == '\n' ? Phase.Size : Phase.ChunkEnd;
            case Phase.Trailer when next == '\n':
                return Phase.Done;
            case Phase.Trailer when next == '\r':
                return Phase.Trailer;
            case Phase.Trailer or Phase.TrailerLine:
                return next == '\n' ? Phase.Trailer : Phase.TrailerLine;
            default:
                throw new IOException("An answer that is longer than it says.");
        }
    }
}
