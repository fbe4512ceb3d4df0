using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Log.Tests.BitFlips;

/// <summary>
/// Every single bit of a sealed segment of a megabyte is flipped, one at a time, and whatever the bit belongs to is read: the answer is an error that
/// names the file, or exactly the right records; never a wrong one, and never one less.
/// </summary>
/// <remarks>
/// Method. Reading the whole megabyte for each of its eight million bits would take hours, and would show no more: a reader looks at a frame, an index
/// block or a footer as a unit, and no unit's bytes are looked at for another's sake. So each flip is followed by the reads that come to the unit it is in, through
/// the code that serves consumers, over a file in memory:
/// a frame by a reader that is opened at its first record and finds its way by footer summary and index block; an index block by a
/// reader that needs it; header, summaries and trailer, which are read once at a start, by a whole recovery and reading everything;
/// the shard table and the frame of a shard's end, which only recovery reads, by the scan that reads them when a footer is lost. Nothing computes a checksum here.
/// The tests of units together cover the file from its first byte to its last, which the last test adds up.
/// </remarks>
public sealed class SealedSegmentBitFlipTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_bit_of_every_frame_of_records_is_found_by_its_reader()
    {
        var segment = await SealedSegment.BuildAsync();
        var (log, file) = await OpenAsync(segment);
        var (flips, started) = (0L, Stopwatch.GetTimestamp());
        foreach (var frame in segment.Frames.Where(frame => frame.Kind == FrameKind.Records))
        {
            Assert.Equal(frame.Hash, ReadFrame(log, frame));
            for (var at = frame.Start; at < frame.End; at++)
            {
                for (var bit = 1; bit < 256; bit <<= 1, flips++)
                {
                    segment.Bytes[at] ^= (byte)bit;
                    AssertFound(log, frame, file, frame.Start);
                    segment.Bytes[at] ^= (byte)bit;
                }
            }

            Assert.Equal(frame.Hash, ReadFrame(log, frame));
        }

        output.WriteLine($"{flips:N0} bits of {segment.Frames.Count:N0} frames in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, each found.");
    }

    [Fact]
    public async Task Every_bit_of_every_index_block_is_found_by_the_readers_that_need_it()
    {
        var segment = await SealedSegment.BuildAsync();
        var (log, file) = await OpenAsync(segment);
        var flips = 0L;
        Assert.Contains(segment.Summaries, summary => summary.Entries > IndexBlock.MaxEntries);
        foreach (var summary in segment.Summaries)
        {
            var frames = segment.Frames.Where(frame => frame.Kind == FrameKind.Records && frame.Shard == summary.Shard).ToArray();
            for (var number = 0; number * IndexBlock.MaxEntries < summary.Entries; number++)
            {
                // The frame in the middle of the block; a long run's search comes through other blocks' first entries too.
                var count = IndexBlock.CountIn(summary.Entries, number);
                var frame = frames[(number * IndexBlock.MaxEntries) + (count / 2)];
                var start = summary.IndexOffset + ((long)number * IndexBlock.MaxBytes);
                for (var at = start; at < start + IndexBlock.BytesOf(count); at++)
                {
                    for (var bit = 1; bit < 256; bit <<= 1, flips++)
                    {
                        segment.Bytes[at] ^= (byte)bit;
                        AssertFound(log, frame, file, start);
                        segment.Bytes[at] ^= (byte)bit;
                    }
                }

                Assert.Equal(frame.Hash, ReadFrame(log, frame));
            }
        }

        output.WriteLine($"{flips:N0} bits of index blocks, each found.");
    }

    [Fact]
    public async Task Every_bit_of_header_summaries_and_trailer_is_found_or_made_good_by_a_start()
    {
        var segment = await SealedSegment.BuildAsync();
        var file = FileOf(segment);
        var (refused, rebuilt) = (0, 0);
        var bytes = Enumerable.Range(0, SegmentHeader.Bytes).Concat(Enumerable.Range((int)segment.SummariesAt, segment.Bytes.Length - (int)segment.SummariesAt));
        foreach (var at in bytes)
        {
            for (var bit = 1; bit < 256; bit <<= 1)
            {
                segment.Bytes[at] ^= (byte)bit;
                try
                {
                    // The start itself writes a little into the successor, which nothing here is about.
                    using var scheduler = new StepwiseCommitScheduler();
                    var log = await Store(segment.Directory, scheduler).OpenAsync(SealedSegment.Id, CancellationToken.None);
                    AssertWhole(segment, log);
                    rebuilt++;
                }
                catch (LogCorruptException e)
                {
                    Assert.Equal(file, e.File);
                    refused++;
                }

                segment.Bytes[at] ^= (byte)bit;
            }
        }

        output.WriteLine($"{refused:N0} flips refused the start, {rebuilt:N0} lost the footer, which was rebuilt from the frames.");
        Assert.Equal(SegmentHeader.Bytes * 8, refused);
        Assert.Equal((segment.Bytes.Length - segment.SummariesAt) * 8, rebuilt);
    }

    [Fact]
    public async Task Every_bit_of_the_frames_that_only_recovery_reads_is_found_by_recovery()
    {
        // Without the footer, so that the frames have to tell everything.
        var segment = await SealedSegment.BuildAsync();
        segment.Bytes[^1] ^= 1;
        var file = FileOf(segment);
        var flips = 0;
        foreach (var frame in segment.Frames.Where(frame => frame.Kind != FrameKind.Records))
        {
            for (var at = frame.Start; at < frame.End; at++)
            {
                for (var bit = 1; bit < 256; bit <<= 1, flips++)
                {
                    segment.Bytes[at] ^= (byte)bit;
                    using var scheduler = new StepwiseCommitScheduler();
                    var error = await Assert.ThrowsAsync<LogCorruptException>(() => Store(segment.Directory, scheduler).OpenAsync(SealedSegment.Id, CancellationToken.None));
                    Assert.Equal((file, frame.Start), (error.File, error.Offset));
                    segment.Bytes[at] ^= (byte)bit;
                }
            }
        }

        output.WriteLine($"{flips:N0} bits of shard tables and shard ends, each found.");
        Assert.Contains(segment.Frames, frame => frame.Kind == FrameKind.ShardEnd);
        Assert.Contains(segment.Frames, frame => frame.Kind == FrameKind.ShardTable);
    }

    [Fact]
    public async Task The_units_cover_the_whole_file()
    {
        var segment = await SealedSegment.BuildAsync();
        var covered = (long)SegmentHeader.Bytes;
        foreach (var frame in segment.Frames)
        {
            Assert.Equal(covered, frame.Start);
            covered = frame.End;
        }

        foreach (var summary in segment.Summaries.Where(summary => summary.Entries > 0))
        {
            Assert.Equal(covered, summary.IndexOffset);
            covered += IndexBlock.BytesOfRun(summary.Entries);
        }

        Assert.Equal(covered, segment.SummariesAt);
        covered += (segment.Summaries.Length * RunSummary.Bytes) + SegmentTrailer.Bytes;
        Assert.Equal(segment.Bytes.Length, covered);
        Assert.InRange(covered, 1_000_000, 1_100_000);
        Assert.True(segment.Frames.Select(frame => frame.End - frame.Start).Distinct().Count() > 100, "The frames are too much alike.");
    }

    private static async Task<(IRecordLog Log, string File)> OpenAsync(SealedSegment segment) =>
        (await Store(segment.Directory, new StepwiseCommitScheduler()).OpenAsync(SealedSegment.Id, CancellationToken.None), FileOf(segment));

    private static SegmentedLogStore Store(ByteDirectory directory, StepwiseCommitScheduler scheduler) =>
        new(directory, SealedSegment.Options, new ManualTimeProvider(), NullLoggerFactory.Instance, scheduler);

    private static string FileOf(SealedSegment segment) => $"bits/{SealedSegment.Id}/{segment.Name}";

    private static ulong ReadFrame(IRecordLog log, FrameOfSegment frame)
    {
        using var reader = log.OpenReader(frame.Shard, frame.FirstIndex);
        return reader.TryRead(out var read)
            ? SealedSegment.HashOf(read.FirstIndex, read.Time.ToUnixTimeMilliseconds(), read.Records.Span)
            : throw new InvalidOperationException($"No record {frame.FirstIndex} of shard {frame.Shard}.");
    }

    // Millions of exceptions are what these tests spend their time on: thrown and caught as near as it goes, by a plain method.
    private static void AssertFound(IRecordLog log, FrameOfSegment frame, string file, long offset)
    {
        var reader = log.OpenReader(frame.Shard, frame.FirstIndex);
        LogCorruptException? found = null;
        try
        {
            reader.TryRead(out _);
        }
        catch (LogCorruptException e)
        {
            found = e;
        }

        reader.Dispose();
        if (found is null || found.Offset != offset || found.File != file)
            Assert.Fail($"A flipped bit in what begins at {offset} of {file} was found as: {found?.Message ?? "nothing"}");
    }

    private static void AssertWhole(SealedSegment segment, IRecordLog log)
    {
        var next = new Dictionary<int, ILogReader>();
        foreach (var frame in segment.Frames.Where(frame => frame.Kind == FrameKind.Records))
        {
            if (!next.TryGetValue(frame.Shard, out var reader))
                next[frame.Shard] = reader = log.OpenReader(frame.Shard, 1);
            if (!reader.TryRead(out var read) || SealedSegment.HashOf(read.FirstIndex, read.Time.ToUnixTimeMilliseconds(), read.Records.Span) != frame.Hash)
                Assert.Fail($"The frame at {frame.Start} is read wrongly, or not at all.");
        }

        foreach (var reader in next.Values)
            reader.Dispose();
        foreach (var end in segment.Frames.Where(frame => frame.Kind == FrameKind.ShardEnd))
            Assert.NotNull(log.GetShard(end.Shard).ClosedAt);
    }
}
