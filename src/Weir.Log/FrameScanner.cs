using Weir.Log.Format;
using Weir.Log.Storage;
using Weir.Model;

namespace Weir.Log;

/// <summary>
/// Walks the frames of a segment file from the first one, checking each against its checksum, its place and the frame before it,
/// until one does not match: there the valid prefix ends.
/// </summary>
internal sealed class FrameScanner(ILogFile file, LogOffset baseOffset, uint seed) : IDisposable
{
    private const int BufferBytes = 1024 * 1024;

    private readonly uint _seed = seed;
    private readonly long _fileBytes = file.Length;
    private byte[] _buffer = BufferPool.Shared.Rent((int)Math.Min(BufferBytes, Math.Max(file.Length, RecordFrame.HeaderBytes)));
    private long _bufferStart;
    private int _bufferLength;

    /// <summary>Place of the next frame; after <see cref="TryNext"/> returned false, the end of the valid prefix.</summary>
    public long Position { get; private set; } = SegmentHeader.Bytes;

    /// <summary>CRC of the last valid frame.</summary>
    public uint PreviousCrc { get; private set; } = seed;

    /// <summary>Why the last frame was not taken.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The next frame and where it lies.</summary>
    /// <param name="frame">Its header.</param>
    /// <param name="at">Its place in the file.</param>
    /// <param name="payload">Lent until the next call.</param>
    public bool TryNext(out RecordFrame frame, out long at, out ReadOnlySpan<byte> payload)
    {
        at = Position;
        payload = default;
        if (!TryReadFrame(at, out frame, out var bytes))
            return false;
        if (frame.PreviousCrc != PreviousCrc)
        {
            Problem = $"a frame behind checksum {frame.PreviousCrc:x8} where {PreviousCrc:x8} comes before";
            return false;
        }

        payload = bytes.Slice(RecordFrame.HeaderBytes, frame.PayloadBytes);
        Position += bytes.Length;
        PreviousCrc = frame.Crc;
        return true;
    }

    /// <summary>A frame that is whole and states this place, whatever comes before it.</summary>
    public bool TryReadFrame(long at, out RecordFrame frame, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!RecordFrame.TryReadHeader(Read(at, RecordFrame.HeaderBytes), out frame))
        {
            Problem = at >= _fileBytes ? "the end of the file" : "no frame header";
            return false;
        }

        if (frame.Offset != baseOffset + at)
        {
            Problem = $"a frame that belongs at log offset {frame.Offset}";
            return false;
        }

        if (at + frame.FrameBytes > _fileBytes)
        {
            Problem = $"a frame of {frame.FrameBytes} bytes, more than the file has";
            return false;
        }

        bytes = Read(at, frame.FrameBytes);
        if (bytes.Length == frame.FrameBytes && RecordFrame.CrcOf(bytes, _seed) is var crc && crc == frame.Crc)
            return true;
        Problem = $"a frame whose checksum {frame.Crc:x8} does not match";
        return false;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            BufferPool.Shared.Return(buffer);
    }

    private ReadOnlySpan<byte> Read(long at, int bytes)
    {
        if (at < _bufferStart || at + bytes > _bufferStart + _bufferLength)
        {
            if (_buffer.Length < bytes)
            {
                BufferPool.Shared.Return(_buffer);
                _buffer = [];
                _buffer = BufferPool.Shared.Rent(bytes);
            }

            _bufferStart = at;
            _bufferLength = 0;
            _bufferLength = file.Read(_buffer, at);
        }

        var offset = (int)(at - _bufferStart);
        return _buffer.AsSpan(offset, Math.Min(bytes, _bufferLength - offset));
    }
}
