using System.Buffers;
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>What the footer of a segment says.</summary>
internal sealed record SealedFooter(SegmentTrailer Trailer, RunSummary[] Summaries);

/// <summary>Reads what recovery needs of a sealed segment: the header and the end of the footer, a few KB whatever its size.</summary>
internal static class SealedSegmentRecovery
{
    // Most footers' summaries fit into the first read of the tail.
    private const int TailReadBytes = 4096;

    /// <summary>The header, checked against the name.</summary>
    /// <returns>False when it is incomplete or damaged.</returns>
    /// <exception cref="LogCorruptException">A whole header of another segment, log or version.</exception>
    public static bool TryReadHeader(ILogFile file, Segment segment, LogId log)
    {
        Span<byte> bytes = stackalloc byte[SegmentHeader.Bytes];
        var read = file.Read(bytes, 0);
        if (!SegmentHeader.TryRead(bytes[..read], out var header, out var version))
            return false;
        if (version != SegmentHeader.Version)
            throw new LogCorruptException(segment.Path, 0, $"format version {SegmentHeader.Version}", $"version {version}");
        if (header.Log != log)
            throw new LogCorruptException(segment.Path, 0, $"a segment of log {log}", $"one of log {header.Log}");
        if (header.BaseOffset != segment.BaseOffset)
            throw new LogCorruptException(segment.Path, 0, $"base offset {segment.BaseOffset} as in the name", $"{header.BaseOffset}");
        return true;
    }

    /// <summary>The footer; null when the file ends in none that is whole.</summary>
    public static SealedFooter? TryReadFooter(ILogFile file, Segment segment)
    {
        var fileBytes = file.Length;
        if (fileBytes < SegmentHeader.Bytes + SegmentTrailer.Bytes)
            return null;
        var rented = ArrayPool<byte>.Shared.Rent(TailReadBytes);
        try
        {
            var tail = ReadTail(file, fileBytes, rented, (int)Math.Min(TailReadBytes, fileBytes));
            if (tail.IsEmpty || !SegmentTrailer.TryReadUnchecked(tail[^SegmentTrailer.Bytes..], fileBytes, out var trailer)
                || trailer.BaseOffset != segment.BaseOffset)
                return null;
            var needed = checked((int)(fileBytes - trailer.SummariesAt));
            if (needed > tail.Length)
            {
                ArrayPool<byte>.Shared.Return(rented);
                rented = [];
                rented = ArrayPool<byte>.Shared.Rent(needed);
                tail = ReadTail(file, fileBytes, rented, needed);
            }

            return tail.Length >= needed && SegmentTrailer.TryReadSummaries(tail[^needed..], segment.Seed, out var summaries) ? new SealedFooter(trailer, summaries) : null;
        }
        finally
        {
            if (rented.Length > 0)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// True when every index block of the footer is whole. Asked for the last segment only, whose footer a crash may have torn with
    /// the trailer on the disk and the blocks not; a footer with a segment behind it was fsynced.
    /// </summary>
    public static bool HasWholeIndex(ILogFile file, Segment segment, SealedFooter footer)
    {
        var entries = new IndexEntry[IndexBlock.MaxEntries];
        var bytes = new byte[IndexBlock.MaxBytes];
        foreach (var summary in footer.Summaries)
        {
            for (var number = 0; number * IndexBlock.MaxEntries < summary.Entries; number++)
            {
                var count = IndexBlock.CountIn(summary.Entries, number);
                var block = bytes.AsSpan(0, IndexBlock.BytesOf(count));
                var read = file.Read(block, summary.IndexOffset + ((long)number * IndexBlock.MaxBytes));
                if (read < block.Length || !IndexBlock.TryRead(block, segment.Seed, summary.Shard, number, entries.AsSpan(0, count)))
                    return false;
            }
        }

        return true;
    }

    /// <summary>The shard table at the start of a segment.</summary>
    public static ShardTableEntry[] ReadTable(ILogFile file, Segment segment)
    {
        using var scanner = new FrameScanner(file, segment.BaseOffset, segment.Seed);
        if (scanner.TryNext(out var frame, out _, out var payload) && frame.Kind == FrameKind.ShardTable
            && ShardTable.TryRead(payload, frame.Count, out var entries))
            return entries;
        throw new LogCorruptException(segment.Path, SegmentHeader.Bytes, "a shard table", scanner.Problem);
    }

    // Empty when the file has become shorter since its length was asked: whoever looks on from outside may meet a segment that is
    // just being sealed, and has its reserved room cut off.
    private static Span<byte> ReadTail(ILogFile file, long fileBytes, byte[] buffer, int bytes)
    {
        var tail = buffer.AsSpan(0, bytes);
        return file.Read(tail, fileBytes - bytes) == bytes ? tail : default;
    }
}
