using Weir.Log.Format;
using Weir.Log.Storage;
using Weir.TestKit;
using Xunit;

namespace Weir.Log.Tests;

/// <summary>What a reader of cold frames announces to the disk.</summary>
public sealed class ReadAheadTests
{
    private const int PayloadBytes = 128 * 1024;
    private const int Frames = 64;
    private const long MaxAheadBytes = 1024 * 1024;

    private static readonly int FrameBytes = RecordFrame.FrameBytesOf(PayloadBytes);

    private readonly Announced _file = new();

    [Fact]
    public void Who_looks_at_a_record_or_two_announces_nothing()
    {
        var index = Index(strideBytes: 4 * FrameBytes);
        var ahead = new ReadAhead();

        ahead.AfterRead(_file, index, 1, 32 * 1024, waited: true);
        ahead.AfterRead(_file, index, 2, 64 * 1024, waited: true);

        Assert.Empty(_file.Ranges);
    }

    [Fact]
    public void Nothing_is_announced_while_reads_come_from_the_cache()
    {
        var index = Index(strideBytes: 4 * FrameBytes);
        var ahead = new ReadAhead();

        for (var next = 1; next <= Frames; next++)
            ahead.AfterRead(_file, index, next, FrameBytes, waited: false);

        Assert.Empty(_file.Ranges);
    }

    [Fact]
    public void Whoever_reads_on_has_every_frame_announced_once_and_never_much_ahead()
    {
        var index = Index(strideBytes: 4 * FrameBytes);
        var ahead = new ReadAhead();

        for (var next = 1; next <= Frames; next++)
        {
            ahead.AfterRead(_file, index, next, FrameBytes, waited: next == 1);
            var readTo = index[next - 1].FileOffset;
            var open = _file.Ranges.Where(range => range.Offset > readTo).Sum(range => range.Length);
            Assert.InRange(open, 0, MaxAheadBytes + FrameBytes);
            Assert.True(next == Frames || open >= FrameBytes, $"nothing is announced behind frame {next}");
        }

        Assert.Equal(Enumerable.Range(1, Frames - 1).Select(frame => (index[frame].FileOffset, (long)FrameBytes)), _file.Ranges);
    }

    [Fact]
    public void Frames_that_lie_together_are_one_announcement()
    {
        var index = Index(strideBytes: FrameBytes + SegmentReader.MaxGapBytes);
        var ahead = new ReadAhead();

        ahead.AfterRead(_file, index, 1, FrameBytes, waited: true);

        var (offset, length) = _file.Ranges[0];
        Assert.Equal(index[1].FileOffset, offset);
        Assert.InRange(length, (2 * FrameBytes) + SegmentReader.MaxGapBytes, MaxAheadBytes);
        Assert.InRange(_file.Ranges.Sum(range => range.Length), length, 2 * MaxAheadBytes);
    }

    [Fact]
    public void A_reader_that_has_overtaken_what_was_announced_goes_on_from_where_it_is()
    {
        var index = Index(strideBytes: 4 * FrameBytes);
        var ahead = new ReadAhead();
        ahead.AfterRead(_file, index, 1, FrameBytes, waited: true);
        var before = _file.Ranges.Count;

        ahead.AfterRead(_file, index, 40, FrameBytes, waited: true);

        Assert.Equal(index[40].FileOffset, _file.Ranges[before].Offset);
    }

    [Fact]
    public void A_frame_that_is_longer_than_the_bound_is_announced_alone()
    {
        var run = Run();
        run.Add(fileOffset: 4096, payloadBytes: 1024, firstIndex: 0, records: 1, timeMs: 0);
        run.Add(fileOffset: 8192, payloadBytes: 2 * 1024 * 1024, firstIndex: 1, records: 1, timeMs: 0);
        run.Add(fileOffset: 8 * 1024 * 1024, payloadBytes: 1024, firstIndex: 2, records: 1, timeMs: 0);

        new ReadAhead().AfterRead(_file, new RunCursor(run, file: null), 1, FrameBytes, waited: true);

        Assert.Equal([(8192L, (long)RecordFrame.FrameBytesOf(2 * 1024 * 1024))], _file.Ranges);
    }

    private static RunCursor Index(int strideBytes)
    {
        var run = Run();
        for (var frame = 0; frame < Frames; frame++)
            run.Add(4096 + ((long)frame * strideBytes), PayloadBytes, firstIndex: frame, records: 1, timeMs: 0);
        return new RunCursor(run, file: null);
    }

    private static ShardRun Run() => new(
        new Segment(new SimulatedDirectory(seed: 1), new IdleFiles(), new LogId(1), new LogOffset(0)), shard: 0, firstIndex: 0, firstTimeMs: 0);

    private sealed class Announced : ILogFile
    {
        public List<(long Offset, long Length)> Ranges { get; } = [];

        public long Length => throw new NotSupportedException();

        public void WillRead(long offset, long length) => Ranges.Add((offset, length));

        public int Read(Span<byte> buffer, long offset) => throw new NotSupportedException();

        public void Write(ReadOnlySpan<byte> bytes, long offset) => throw new NotSupportedException();

        public void WriteBlocks(ReadOnlySpan<byte> blocks, long offset) => throw new NotSupportedException();

        public void Allocate(long length) => throw new NotSupportedException();

        public void Truncate(long length) => throw new NotSupportedException();

        public void SyncData() => throw new NotSupportedException();

        public void SyncAll() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
