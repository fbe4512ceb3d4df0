using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Compares the footer of a sealed segment with its frames: summaries, index blocks, and that no byte lies between them unaccounted for.</summary>
internal sealed class FooterCheck(ILogFile file, Segment segment, SealedFooter footer, FrameAudit frames, bool allFramesWhole, Findings findings)
{
    private const string IndexMeaning = "These records cannot be read, although their frames may be whole.";
    private const string SummaryMeaning = "The footer says something else of the records than the records themselves; positions in the stream may be found wrongly.";

    private readonly IndexEntry[] _entries = new IndexEntry[IndexBlock.MaxEntries];
    private readonly byte[] _block = new byte[IndexBlock.MaxBytes];

    // The footer is made from the frames again when it is not there.
    private string Repair => allFramesWhole
        ? $"The frames are whole: stop the server, keep a copy of the file, and cut it to {footer.Trailer.FramesEnd} bytes; the index is then made from the frames."
        : LogCheck.RestoreAdvice;

    public void Run()
    {
        var trailer = footer.Trailer;
        if (frames.LastCrc is { } crc && crc != trailer.LastCrc)
            Complain(trailer.SummariesAt, $"the last frame's checksum {crc:x8} in the trailer", $"{trailer.LastCrc:x8}");
        if (allFramesWhole && trailer.LastTimeMs != frames.LastTimeMs)
            Complain(trailer.SummariesAt, $"the last frame's time {frames.LastTimeMs} in the trailer", $"{trailer.LastTimeMs}");
        var at = trailer.FramesEnd;
        foreach (var summary in footer.Summaries)
        {
            if (summary.IndexOffset != at)
                Complain(trailer.SummariesAt, $"the index of shard {summary.Shard} at {at}", $"{summary.IndexOffset}");
            at += IndexBlock.BytesOfRun(summary.Entries);
            CheckSummary(summary);
            CheckIndex(summary);
        }

        if (at != trailer.SummariesAt)
            Complain(trailer.SummariesAt, $"the summaries at {at}", $"{trailer.SummariesAt}");
        if (allFramesWhole && frames.Runs.Keys.Except(footer.Summaries.Select(summary => summary.Shard)).FirstOrDefault(-1) is var missing and >= 0)
            Complain(trailer.SummariesAt, $"a summary of shard {missing}", "none");
    }

    private void CheckSummary(RunSummary summary)
    {
        if (!allFramesWhole)
            return;
        if (frames.Runs.GetValueOrDefault(summary.Shard) is not { } run)
        {
            Complain(footer.Trailer.SummariesAt, $"no summary of shard {summary.Shard}, which has no frame", "one");
            return;
        }

        var first = run.Frames.Count == 0 ? 0 : run.Frames[0].TimeMs;
        var last = run.Frames.Count == 0 ? 0 : run.Frames[^1].TimeMs;
        var expected = new RunSummary(summary.Shard, run.FirstIndex, run.NextIndex, first, last, run.ClosedMs, summary.IndexOffset, run.Frames.Count);
        if (summary != expected)
            Complain(footer.Trailer.SummariesAt, $"{expected}", $"{summary}");
    }

    private void CheckIndex(RunSummary summary)
    {
        var run = frames.Runs.GetValueOrDefault(summary.Shard);
        for (var number = 0; number * IndexBlock.MaxEntries < summary.Entries; number++)
        {
            var at = summary.IndexOffset + ((long)number * IndexBlock.MaxBytes);
            var entries = _entries.AsSpan(0, IndexBlock.CountIn(summary.Entries, number));
            var block = _block.AsSpan(0, IndexBlock.BytesOf(entries.Length));
            if (file.Read(block, at) < block.Length || !IndexBlock.TryRead(block, segment.Seed, summary.Shard, number, entries))
            {
                findings.Damage(
                    segment.Path, at, $"index block {number} of shard {summary.Shard} with a matching checksum", "other bytes", IndexMeaning, Repair,
                    Covered(summary, number));
            }
            else if (run is not null && allFramesWhole && Mismatch(entries, run, summary, number * IndexBlock.MaxEntries) is { } wrong)
            {
                findings.Damage(segment.Path, at, $"entry {wrong} of shard {summary.Shard} as its frame is", $"{entries[wrong % IndexBlock.MaxEntries]}", IndexMeaning, Repair);
            }
        }
    }

    // What a reader cannot find without this block. Exact where the frames are whole, else the whole run.
    private AffectedRecords Covered(RunSummary summary, int number)
    {
        var (first, last) = (summary.FirstIndex, summary.NextIndex - 1);
        var (from, to) = (summary.FirstTimeMs, summary.LastTimeMs);
        if (allFramesWhole && frames.Runs.GetValueOrDefault(summary.Shard)?.Frames is { } list && list.Count == summary.Entries)
        {
            var next = (number + 1) * IndexBlock.MaxEntries;
            (first, from) = (list[number * IndexBlock.MaxEntries].FirstIndex, list[number * IndexBlock.MaxEntries].TimeMs);
            if (next < list.Count)
                (last, to) = (list[next].FirstIndex - 1, list[next].TimeMs);
        }

        return new AffectedRecords(summary.Shard, first, last, ShardAudit.Time(from), ShardAudit.Time(to));
    }

    private static int? Mismatch(ReadOnlySpan<IndexEntry> entries, RunAudit run, RunSummary summary, int firstOrdinal)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            var ordinal = firstOrdinal + i;
            if (ordinal >= run.Frames.Count)
                return ordinal;
            var frame = run.Frames[ordinal];
            var expected = new IndexEntry(
                frame.Offset8, frame.PayloadBytes, (uint)(frame.FirstIndex - summary.FirstIndex), (uint)(frame.TimeMs - summary.FirstTimeMs));
            if (entries[i] != expected)
                return ordinal;
        }

        return null;
    }

    private void Complain(long at, string expected, string found) => findings.Damage(segment.Path, at, expected, found, SummaryMeaning, Repair);
}
