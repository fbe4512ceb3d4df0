using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>
/// A small segment, damaged in every way that one cut or one bit can: each opening must give the longest valid prefix or say that
/// the log is corrupt, and never a wrong record. Exhaustive, because it is small enough.
/// </summary>
public sealed class RecoveryExhaustiveTests
{
    private static readonly LogId Id = new(1);
    private static readonly LogOptions Options = new() { TailBytes = 0 };

    private readonly ManualTimeProvider _time = new();

    // The segment after the one that was built with End.Sealed.
    private (string Name, byte[] Bytes) _successor;

    private sealed record Frame(long Start, long End, string[] Records, bool Closes);

    private enum End
    {
        Orderly,
        Killed,
        Sealed,
    }

    [Fact]
    public async Task Every_truncation_of_a_killed_log_leaves_the_longest_whole_prefix()
    {
        var (name, bytes, frames) = await BuildAsync(End.Killed);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var whole = frames.Where(frame => frame.End <= length).ToArray();
            var found = await OpenAsync(name, bytes.AsSpan(0, length).ToArray());
            Assert.Equal(whole.SelectMany(frame => frame.Records), found.Records);
            Assert.Equal(whole.Any(frame => frame.Closes), found.Closed);
        }
    }

    [Fact]
    public async Task Zeros_instead_of_a_tail_are_cut_as_well()
    {
        var (name, bytes, frames) = await BuildAsync(End.Killed);
        var last = frames[^1];
        for (var length = frames[^2].End; length < last.End; length++)
        {
            var torn = bytes.ToArray();
            torn.AsSpan((int)length).Clear();
            if (torn.AsSpan().SequenceEqual(bytes))
                continue; // Only padding, which is zeros anyway.
            var found = await OpenAsync(name, torn);
            Assert.Equal(frames[..^1].SelectMany(frame => frame.Records), found.Records);
        }
    }

    [Fact]
    public async Task Every_bit_flip_in_an_orderly_closed_log_is_found_or_harmless()
    {
        var (name, bytes, frames) = await BuildAsync(End.Orderly);
        var all = frames.SelectMany(frame => frame.Records).ToArray();
        var corrupt = 0;
        await EveryBitAsync(bytes, async (offset, flipped) =>
        {
            try
            {
                var found = await OpenAsync(name, flipped);
                // Only the checkpoint behind the last frame may break without anybody missing it.
                Assert.True(offset >= frames[^1].End, $"A flip at {offset} went unnoticed.");
                Assert.Equal(all, found.Records);
            }
            catch (LogCorruptException e)
            {
                Assert.InRange(e.Offset, 0, offset);
                corrupt++;
            }
        });
        Assert.True(corrupt >= frames[^1].End * 8);
    }

    [Fact]
    public async Task Every_bit_flip_in_a_killed_log_never_yields_a_wrong_record()
    {
        var (name, bytes, frames) = await BuildAsync(End.Killed);
        await EveryBitAsync(bytes, async (offset, flipped) =>
        {
            try
            {
                var found = await OpenAsync(name, flipped);
                // Nothing vouches for the last frame yet, so it is cut as a torn one; the reserved room behind it is nobody's.
                var expected = offset >= frames[^1].End ? frames : frames[..^1];
                Assert.True(offset >= frames[^2].End, $"A flip at {offset} went unnoticed.");
                Assert.Equal(expected.SelectMany(frame => frame.Records), found.Records);
            }
            catch (LogCorruptException e)
            {
                Assert.InRange(e.Offset, 0, offset);
            }
        });
    }

    [Fact]
    public async Task Every_bit_flip_in_a_sealed_segment_is_found_when_read_or_harmless()
    {
        var (name, bytes, frames) = await BuildAsync(End.Sealed);
        var (next, nextBytes) = _successor;
        var all = frames.SelectMany(frame => frame.Records).ToArray();
        var found = 0;
        await EveryBitAsync(bytes, async (offset, flipped) =>
        {
            try
            {
                var read = await OpenAsync(name, flipped, (next, nextBytes));
                // The footer can be rebuilt from the frames; the shard table at the start is only needed while nothing follows.
                Assert.Equal(all, read.Records);
            }
            catch (LogCorruptException)
            {
                found++;
            }
        });
        var recordBits = frames.Where(frame => frame.Records.Length > 0).Sum(frame => frame.End - frame.Start) * 8;
        Assert.True(found >= recordBits);
    }

    [Fact]
    public async Task A_missing_segment_is_a_hole_and_not_an_end()
    {
        var (name, bytes, _) = await BuildAsync(End.Sealed);
        var (next, nextBytes) = _successor;
        Assert.True(SegmentName.TryParse(next, out var nextBase));
        var further = SegmentName.Of(nextBase + 8);
        var directory = new SimulatedDirectory();
        var logs = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        logs.WriteFile(name, bytes);
        logs.WriteFile(further, nextBytes);
        var error = await Assert.ThrowsAsync<LogCorruptException>(() => Store(directory).OpenAsync(Id, CancellationToken.None));
        Assert.Contains(further, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_logs_segment_is_refused()
    {
        var (name, bytes, _) = await BuildAsync(End.Orderly);
        var directory = new SimulatedDirectory();
        ((SimulatedDirectory)directory.OpenDirectory(new LogId(2).ToString())).WriteFile(name, bytes);
        var error = await Assert.ThrowsAsync<LogCorruptException>(() => Store(directory).OpenAsync(new LogId(2), CancellationToken.None));
        Assert.Contains("0000000001", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_format_version_is_refused_and_left_alone()
    {
        var header = new byte[SegmentHeader.Bytes];
        new SegmentHeader(Id, new LogOffset(0), 0).Write(header);
        header[8] = 2;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(60), Checksum.Append(0, header.AsSpan(0, 60)));
        var directory = new SimulatedDirectory();
        var logs = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        logs.WriteFile(SegmentName.Of(new LogOffset(0)), header);
        var error = await Assert.ThrowsAsync<LogCorruptException>(() => Store(directory).OpenAsync(Id, CancellationToken.None));
        Assert.Contains("version 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(header, logs.ReadFile(SegmentName.Of(new LogOffset(0))));
    }

    [Fact]
    public async Task Corruption_leaves_every_file_as_it_was()
    {
        var (name, bytes, frames) = await BuildAsync(End.Orderly);
        bytes[frames[1].Start + 70] ^= 1;
        var directory = new SimulatedDirectory();
        var logs = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        logs.WriteFile(name, bytes);
        var changes = directory.Changes;
        var error = await Assert.ThrowsAsync<LogCorruptException>(() => Store(directory).OpenAsync(Id, CancellationToken.None));
        Assert.Equal(frames[1].Start, error.Offset);
        Assert.Equal(bytes, logs.ReadFile(name));
        Assert.Equal(changes, directory.Changes);
    }

    private static async Task EveryBitAsync(byte[] bytes, Func<long, byte[], Task> check)
    {
        for (var offset = 0; offset < bytes.Length; offset++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = bytes.ToArray();
                flipped[offset] ^= (byte)(1 << bit);
                await check(offset, flipped);
            }
        }
    }

    /// <summary>A segment with a handful of frames of one shard, and the end of another.</summary>
    private async Task<(string Name, byte[] Bytes, Frame[] Frames)> BuildAsync(End end)
    {
        var directory = new SimulatedDirectory();
        var name = SegmentName.Of(new LogOffset(0));
        var store = Store(directory);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        for (var i = 0; i < 5; i++)
        {
            await log.AppendAsync(1, [.. Enumerable.Range(0, i % 3 + 1).Select(r => $"{i}.{r}" + new string('x', i * 5))]);
            if (i == 2)
                await log.CloseShardAsync(2);
            _time.Advance(TimeSpan.FromMilliseconds(3));
        }

        var files = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        if (end == End.Sealed)
            await SealAsync(log, files);
        if (end == End.Orderly)
            await log.DisposeAsync();
        var bytes = files.ReadFile(name);
        if (end == End.Killed)
            Array.Resize(ref bytes, Align(Array.FindLastIndex(bytes, b => b != 0) + 1) + 64);
        return (name, bytes, Frames(bytes));
    }

    // Everything in the segment is older than a horizon in the future; the move that would follow fails, and the file stays.
    private async Task SealAsync(IRecordLog log, SimulatedDirectory files)
    {
        files.FailNext(SimulatedCall.Move, new IOException("stays"));
        await Assert.ThrowsAsync<IOException>(() => log.TrimAsync(_time.GetUtcNow() + TimeSpan.FromDays(1), CancellationToken.None));
        var next = files.ListFiles().Max()!;
        await log.DisposeAsync();
        _successor = (next, files.ReadFile(next));
    }

    private static int Align(int length) => (length + RecordFrame.Alignment - 1) & -RecordFrame.Alignment;

    private static Frame[] Frames(byte[] bytes)
    {
        var frames = new List<Frame>();
        var at = SegmentHeader.Bytes;
        while (RecordFrame.TryReadHeader(bytes.AsSpan(at), out var frame))
        {
            var records = new List<string>();
            if (frame.Kind == FrameKind.Records)
            {
                foreach (var record in new LogFrame(0, 0, default, bytes.AsMemory(at + RecordFrame.HeaderBytes, frame.PayloadBytes)))
                    records.Add(System.Text.Encoding.UTF8.GetString(record.Span));
            }

            if (frame.Kind != FrameKind.Checkpoint)
                frames.Add(new Frame(at, at + frame.FrameBytes, [.. records], frame.Kind == FrameKind.ShardEnd));
            at += frame.FrameBytes;
        }

        return [.. frames];
    }

    private async Task<(string[] Records, bool Closed)> OpenAsync(string name, byte[] bytes, (string Name, byte[] Bytes)? next = null)
    {
        var directory = new SimulatedDirectory();
        var logs = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        logs.WriteFile(name, bytes);
        if (next is { } file)
            logs.WriteFile(file.Name, file.Bytes);
        var scheduler = new StepwiseCommitScheduler();
        var store = new SegmentedLogStore(directory, Options, _time, NullLoggerFactory.Instance, scheduler);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        var records = log.ReadAll(1);
        Assert.Equal(records.Count + 1, log.GetShard(1).NextIndex);

        // What was opened takes appends.
        var append = log.AppendAsync(1, "after");
        scheduler.RunAll();
        Assert.Equal(records.Count + 1, (await append).FirstIndex);
        Assert.Equal("after", log.ReadAll(1)[^1].Text);
        return (records.Texts(), log.GetShard(2).ClosedAt is not null);
    }

    private SegmentedLogStore Store(SimulatedDirectory directory) => new(directory, Options, _time, NullLoggerFactory.Instance);
}
