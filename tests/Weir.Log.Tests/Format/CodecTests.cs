using FsCheck;
using FsCheck.Fluent;
using Weir.Log.Format;

namespace Weir.Log.Tests.Format;

/// <summary>Every structure on disk reads back as it was written, and no bytes whatever crash a decoder.</summary>
public sealed class CodecTests
{
    [Fact]
    public void Segment_headers_round_trip() => Prop.ForAll(Longs(), Longs(), Longs(), (log, offset, created) =>
    {
        var header = new SegmentHeader(new LogId(log), new LogOffset(offset), created);
        var bytes = new byte[SegmentHeader.Bytes];
        header.Write(bytes);
        return SegmentHeader.TryRead(bytes, out var read, out var version) && read == header && version == SegmentHeader.Version;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Frames_round_trip() => Prop.ForAll(Payloads(), Longs(), Longs(), (payload, a, b) =>
    {
        foreach (var kind in Enum.GetValues<FrameKind>())
        {
            var frame = new RecordFrame(kind, payload.Length, 0, new LogOffset(a), new LogOffset(b), (int)a, (int)b, a ^ b, a - b, (uint)a);
            var bytes = new byte[frame.FrameBytes];
            payload.CopyTo(bytes, RecordFrame.HeaderBytes);
            var crc = frame.Seal(bytes, seed: (uint)b);
            if (!RecordFrame.TryReadHeader(bytes, out var read) || read != frame with { Crc = crc } || RecordFrame.CrcOf(bytes, (uint)b) != crc)
                return false;
        }

        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Shard_table_entries_round_trip() => Prop.ForAll(Longs(), Longs(), Bools(), (next, closed, isClosed) =>
    {
        var entry = new ShardTableEntry((int)next, next, isClosed ? closed : null);
        var bytes = new byte[ShardTableEntry.Bytes];
        entry.Write(bytes);
        return ShardTable.TryRead(bytes, 1, out var read) && read.Single() == entry;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Index_blocks_round_trip() => Prop.ForAll(Gen.Choose(1, IndexBlock.MaxEntries).ToArbitrary(), Longs(), (count, seed) =>
    {
        var random = new Random((int)seed);
        var entries = new IndexEntry[count];
        for (var i = 0; i < count; i++)
            entries[i] = new IndexEntry((uint)random.Next(), random.Next(), (uint)random.Next(), (uint)random.Next());
        var bytes = new byte[IndexBlock.MaxBytes];
        var length = IndexBlock.Write(bytes, (uint)seed, shard: 3, number: 9, entries);
        var read = new IndexEntry[count];
        return length == IndexBlock.BytesOfRun(count)
            && IndexBlock.TryRead(bytes.AsSpan(0, length), (uint)seed, 3, 9, read) && read.SequenceEqual(entries)
            && !IndexBlock.TryRead(bytes.AsSpan(0, length), (uint)seed, 3, 8, read)
            && !IndexBlock.TryRead(bytes.AsSpan(0, length), (uint)seed + 1, 3, 9, read);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Footers_round_trip() => Prop.ForAll(Gen.Choose(0, 40).ToArbitrary(), Longs(), (count, seed) =>
    {
        var random = new Random((int)seed);
        var summaries = Enumerable.Range(0, count).Select(_ => new RunSummary(
            random.Next(), random.NextInt64(), random.NextInt64(), random.NextInt64(), random.NextInt64(),
            random.Next(2) == 0 ? random.NextInt64() : null, random.NextInt64(), random.Next())).ToArray();
        var tail = new byte[(count * RunSummary.Bytes) + SegmentTrailer.Bytes];
        for (var i = 0; i < count; i++)
            summaries[i].Write(tail.AsSpan(i * RunSummary.Bytes));
        var trailer = new SegmentTrailer(new LogOffset(seed), 5000, 8000, count, seed, (uint)seed);
        trailer.Write(tail, (uint)seed);
        return SegmentTrailer.TryReadUnchecked(tail.AsSpan(^SegmentTrailer.Bytes..), 8000 + tail.Length, out var readTrailer) && readTrailer == trailer
            && SegmentTrailer.TryReadSummaries(tail, (uint)seed, out var read) && read.SequenceEqual(summaries)
            && !SegmentTrailer.TryReadUnchecked(tail.AsSpan(^SegmentTrailer.Bytes..), 8001 + tail.Length, out _);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Segment_names_round_trip_and_sort_as_offsets() => Prop.ForAll(Longs(), Longs(), (a, b) =>
    {
        var (left, right) = (new LogOffset(Math.Abs(a)), new LogOffset(Math.Abs(b)));
        return SegmentName.TryParse(SegmentName.Of(left), out var read) && read == left
            && Math.Sign(string.CompareOrdinal(SegmentName.Of(left), SegmentName.Of(right))) == Math.Sign(left.Value.CompareTo(right.Value));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Decoders_never_crash_and_never_believe_noise() => Prop.ForAll(Payloads(), Longs(), (noise, seed) =>
    {
        Span<IndexEntry> entries = stackalloc IndexEntry[4];
        var believed = SegmentHeader.TryRead(noise, out _, out _)
            | RecordFrame.TryReadHeader(noise, out _)
            | IndexBlock.TryRead(noise, (uint)seed, 0, 0, entries)
            | SegmentTrailer.TryReadSummaries(noise, (uint)seed, out _)
            | (noise.Length >= SegmentTrailer.Bytes && SegmentTrailer.TryReadUnchecked(noise, noise.Length, out _));
        ShardTable.TryRead(noise, noise.Length / ShardTableEntry.Bytes, out _);
        SegmentName.TryParse(System.Text.Encoding.Latin1.GetString(noise), out _);
        return !believed;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_frame_with_its_magic_and_noise_behind_it_does_not_crash() => Prop.ForAll(Payloads(), noise =>
    {
        var bytes = new byte[Math.Max(noise.Length, 8) + 8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, RecordFrame.Prefixes[0]);
        noise.CopyTo(bytes, 8);
        return !RecordFrame.TryReadHeader(bytes, out var frame) || (frame.PayloadBytes >= 0 && frame.FrameBytes >= RecordFrame.HeaderBytes);
    }).QuickCheckThrowOnFailure();

    private static Arbitrary<long> Longs() => (from high in Gen.Choose(int.MinValue + 1, int.MaxValue)
                                               from low in Gen.Choose(0, int.MaxValue)
                                               select ((long)high << 32) | (uint)low).ToArbitrary();

    private static Arbitrary<bool> Bools() => Gen.Elements(true, false).ToArbitrary();

    private static Arbitrary<byte[]> Payloads() => (from length in Gen.Choose(0, 300)
                                                    from bytes in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(length)
                                                    select bytes).ToArbitrary();
}
