using System.Buffers;
using Weir.Log.Format;

namespace Weir.Log;

/// <summary>
/// The index of one segment while it is built: the runs of the shards that the segment touches. Becomes the footer when the
/// segment is sealed.
/// </summary>
/// <remarks>Belongs to the commit loop (or to recovery before that).</remarks>
internal sealed class SegmentIndex(Segment segment)
{
    private readonly Dictionary<int, Part> _parts = [];

    private sealed record Part(ShardIndex Shard)
    {
        public ShardRun? Run { get; set; }

        public long? ClosedMs { get; set; }
    }

    /// <summary>Enters a durable frame, and makes it visible to the shard's readers.</summary>
    public void AddRecords(ShardIndex shard, long fileOffset, int payloadBytes, long firstIndex, int records, long timeMs)
    {
        var part = PartOf(shard);
        var isNew = part.Run is null;
        part.Run ??= new ShardRun(segment, shard.Shard, firstIndex, timeMs);
        part.Run.Add(fileOffset, payloadBytes, firstIndex, records, timeMs);
        if (isNew)
            shard.AddRun(part.Run);
        shard.Advance(firstIndex + records);
    }

    public void AddEnd(ShardIndex shard, long closedMs)
    {
        PartOf(shard).ClosedMs = closedMs;
        shard.Close(closedMs);
    }

    /// <summary>The runs with their entries in memory: for a sealed segment whose footer is lost.</summary>
    public ShardRun[] ActiveRuns() => [.. _parts.Values.Where(part => part.Run is not null).Select(part => part.Run!)];

    /// <summary>Encodes the footer of the segment.</summary>
    /// <param name="framesEnd">Where the footer begins in the file.</param>
    /// <param name="lastTimeMs">Time of the last frame.</param>
    /// <param name="lastCrc">CRC of the last frame.</param>
    /// <param name="summaries">What the footer says of each shard.</param>
    /// <returns>A rented array, which the caller returns, and the number of bytes in it.</returns>
    public (byte[] Rented, int Bytes) EncodeFooter(long framesEnd, long lastTimeMs, uint lastCrc, out RunSummary[] summaries)
    {
        var indexBytes = _parts.Values.Sum(part => IndexBlock.BytesOfRun(part.Run?.Count ?? 0));
        var total = checked((int)(indexBytes + ((long)_parts.Count * RunSummary.Bytes) + SegmentTrailer.Bytes));
        var rented = ArrayPool<byte>.Shared.Rent(total);
        var footer = rented.AsSpan(0, total);
        summaries = new RunSummary[_parts.Count];
        int at = 0, n = 0;
        foreach (var part in _parts.Values)
        {
            summaries[n++] = Summarize(part, framesEnd + at);
            at += EncodeRun(footer[at..], part);
        }

        var tail = footer[at..];
        for (var i = 0; i < summaries.Length; i++)
            summaries[i].Write(tail[(i * RunSummary.Bytes)..]);
        new SegmentTrailer(segment.BaseOffset, framesEnd, framesEnd + at, summaries.Length, lastTimeMs, lastCrc).Write(tail, segment.Seed);
        return (rented, total);
    }

    /// <summary>The footer is durable: the entries leave memory.</summary>
    public void Seal(RunSummary[] summaries)
    {
        var runs = new List<ShardRun>(summaries.Length);
        foreach (var summary in summaries)
        {
            var part = _parts[summary.Shard];
            if (part.Run is null)
                continue;
            var sealedRun = new ShardRun(segment, summary);
            part.Shard.ReplaceNewestRun(part.Run, sealedRun);
            runs.Add(sealedRun);
        }

        segment.Runs = [.. runs];
    }

    private Part PartOf(ShardIndex shard)
    {
        if (!_parts.TryGetValue(shard.Shard, out var part))
            _parts.Add(shard.Shard, part = new Part(shard));
        return part;
    }

    private static RunSummary Summarize(Part part, long indexOffset)
    {
        var run = part.Run;
        return run is null
            ? new RunSummary(part.Shard.Shard, part.Shard.NextIndex, part.Shard.NextIndex, 0, 0, part.ClosedMs, indexOffset, 0)
            : new RunSummary(run.Shard, run.FirstIndex, run.NextIndex, run.FirstTimeMs, run.LastTimeMs, part.ClosedMs, indexOffset, run.Count);
    }

    private int EncodeRun(Span<byte> destination, Part part)
    {
        if (part.Run is null)
            return 0;
        var entries = part.Run.Entries;
        var at = 0;
        for (var number = 0; number * IndexBlock.MaxEntries < entries.Length; number++)
        {
            var block = entries.Slice(number * IndexBlock.MaxEntries, IndexBlock.CountIn(entries.Length, number));
            at += IndexBlock.Write(destination[at..], segment.Seed, part.Shard.Shard, number, block);
        }

        return at;
    }
}
