using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// Tells a torn tail from damage. Each frame states up to where the log was fsynced when the frame was written; so a whole frame
/// anywhere behind an invalid one, that states a watermark beyond it, proves that the invalid one had been durable: it was damaged
/// later, and cutting there would throw away acknowledged records.
/// </summary>
/// <remarks>Cheap over zeros, which is what room reserved ahead reads as: it looks for one of a few 8-byte words.</remarks>
internal static class DurabilityEvidence
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>Looks through the file from <paramref name="invalidAt"/> on.</summary>
    /// <param name="scanner">Checks candidates.</param>
    /// <param name="file">The segment file.</param>
    /// <param name="baseOffset">The segment's base offset.</param>
    /// <param name="invalidAt">Where the valid prefix ends, a multiple of 8.</param>
    /// <param name="content">The number of bytes from there up to the last one that is not zero.</param>
    /// <returns>The frame that proves it; null when there is none.</returns>
    public static RecordFrame? Find(FrameScanner scanner, ILogFile file, LogOffset baseOffset, long invalidAt, out long content)
    {
        content = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var at = invalidAt; ;)
            {
                var read = file.Read(buffer.AsSpan(0, BufferBytes), at);
                if (read == 0)
                    return null;
                var bytes = buffer.AsSpan(0, read);
                if (bytes.LastIndexOfAnyExcept((byte)0) is var last and >= 0)
                    content = at + last + 1 - invalidAt;
                if (FindIn(bytes, at) is { } proof)
                    return proof;
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        RecordFrame? FindIn(ReadOnlySpan<byte> bytes, long start)
        {
            for (var place = 0; FramePrefixes.IndexIn(bytes, place) is var found and >= 0; place = found + sizeof(ulong))
            {
                if (scanner.TryReadFrame(start + found, out var frame, out _) && frame.Synced > baseOffset + invalidAt)
                    return frame;
            }

            return null;
        }
    }
}
