using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Log.Tests.BitFlips;

/// <summary>A frame of the segment and what a reader of it must get.</summary>
internal sealed record FrameOfSegment(long Start, long End, FrameKind Kind, int Shard, long FirstIndex, ulong Hash);

/// <summary>One sealed segment of a megabyte with its successor: many shards, frames of many sizes, a run of several index blocks, the end of a shard.</summary>
internal sealed class SealedSegment
{
    public const int Shards = 24;

    // The shard of many small frames: its index takes more than one block.
    private const int BusyShard = 3;
    private const int ClosedShard = 5;
    private const int SegmentBytes = 1024 * 1024;

    public static readonly LogId Id = new(7);
    public static readonly LogOptions Options = new() { TailBytes = 0, SegmentBytes = SegmentBytes };

    private SealedSegment(ByteDirectory directory, string name, byte[] bytes)
    {
        (Directory, Name, Bytes) = (directory, name, bytes);
        var scan = new List<FrameOfSegment>();
        var at = SegmentHeader.Bytes;
        while (RecordFrame.TryReadHeader(bytes.AsSpan(at), out var frame))
        {
            var payload = bytes.AsSpan(at + RecordFrame.HeaderBytes, frame.PayloadBytes);
            scan.Add(new FrameOfSegment(at, at + frame.FrameBytes, frame.Kind, frame.Shard, frame.FirstIndex, HashOf(frame.FirstIndex, frame.TimeMs, payload)));
            at += frame.FrameBytes;
        }

        Frames = scan;
        FramesEnd = at;
        Assert.True(SegmentTrailer.TryReadUnchecked(bytes.AsSpan(bytes.Length - SegmentTrailer.Bytes), bytes.Length, out var trailer));
        Assert.Equal(at, trailer.FramesEnd);
        Assert.True(SegmentTrailer.TryReadSummaries(bytes.AsSpan((int)trailer.SummariesAt), Checksum.SeedOf(Id, trailer.BaseOffset), out var summaries));
        (SummariesAt, Summaries) = (trailer.SummariesAt, summaries);
    }

    /// <summary>Holds the log.</summary>
    public ByteDirectory Directory { get; }

    public string Name { get; }

    /// <summary>The file itself: who changes these changes it.</summary>
    public byte[] Bytes { get; }

    public IReadOnlyList<FrameOfSegment> Frames { get; }

    public long FramesEnd { get; }

    public long SummariesAt { get; }

    public RunSummary[] Summaries { get; }

    public static async Task<SealedSegment> BuildAsync()
    {
        var random = new Random(1);
        var directory = new ByteDirectory("bits");
        var time = new ManualTimeProvider();
        var scheduler = new StepwiseCommitScheduler();
        await using var store = new SegmentedLogStore(directory, Options, time, NullLoggerFactory.Instance, scheduler);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        var files = directory.Child(Id.ToString());
        var first = files.ListFiles().Single();
        for (var i = 0; files.ListFiles().Count == 1; i++)
        {
            // Mostly small, some of a few KB, a few of tens of KB: every size passes through the same code, but not through the same windows.
            var bytes = random.Next(60) == 0 ? random.Next(10_000, 40_000) : random.Next(4) == 0 ? random.Next(500, 6000) : random.Next(0, 300);
            var shard = random.Next(3) == 0 ? BusyShard : random.Next(Shards);
            var append = log.AppendAsync(shard, new string((char)('a' + (i % 26)), bytes), $"{i}");
            scheduler.RunAll();
            await append;
            if (i == 300)
                await scheduler.RunUntil(log.CloseShardAsync(ClosedShard));
            time.Advance(TimeSpan.FromMilliseconds(random.Next(3)));
        }

        await scheduler.RunUntil(store.DisposeAsync().AsTask());
        var bytesOfFile = files.Bytes(first);
        return new SealedSegment(directory, first, bytesOfFile);
    }

    /// <summary>What a reader gets of a frame, as one number.</summary>
    public static ulong HashOf(long firstIndex, long timeMs, ReadOnlySpan<byte> records)
    {
        // FNV over words: fast, and nothing that the log itself uses.
        var hash = 14695981039346656037UL ^ (ulong)firstIndex;
        hash = (hash * 1099511628211UL) ^ (ulong)timeMs;
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(records))
            hash = (hash * 1099511628211UL) ^ word;
        foreach (var b in records[(records.Length & ~7)..])
            hash = (hash * 1099511628211UL) ^ b;
        return (hash * 1099511628211UL) ^ (ulong)records.Length;
    }
}
