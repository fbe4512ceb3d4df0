using System.Buffers.Binary;

namespace Weir.Log.Format;

/// <summary>What a frame says.</summary>
internal enum FrameKind : byte
{
    /// <summary>Records of one shard, with consecutive indexes and one time.</summary>
    Records = 1,

    /// <summary>The shard has ended; the first index is one past its last record.</summary>
    ShardEnd = 2,

    /// <summary>The first frame of a segment: the state of all shards before it.</summary>
    ShardTable = 3,

    /// <summary>Nothing but the watermark: the last frame of a log that was closed in good order.</summary>
    Checkpoint = 4,
}

/// <summary>
/// Header of a frame. The payload follows, padded with zeros to a multiple of 8. Layout: docs/formats/segment.md#frame.
/// </summary>
/// <param name="Kind">What the frame says.</param>
/// <param name="PayloadBytes">Length of the payload without its padding.</param>
/// <param name="Crc">Over the whole frame but this field, started with the segment's seed.</param>
/// <param name="Offset">The frame's own place in the log.</param>
/// <param name="Synced">What was known to be fsynced when the frame was written: the proof that everything below it had been durable.</param>
/// <param name="Shard">The shard; 0 in a shard table.</param>
/// <param name="Count">Number of records, or of entries in a shard table.</param>
/// <param name="FirstIndex">Index of the first record.</param>
/// <param name="TimeMs">Unix time in milliseconds; never decreases along a log.</param>
/// <param name="PreviousCrc">CRC of the frame before; the segment's seed in its first frame.</param>
internal readonly record struct RecordFrame(
    FrameKind Kind,
    int PayloadBytes,
    uint Crc,
    LogOffset Offset,
    LogOffset Synced,
    int Shard,
    int Count,
    long FirstIndex,
    long TimeMs,
    uint PreviousCrc)
{
    public const int HeaderBytes = 64;
    public const int Alignment = 8;

    // Bounds what recovery reads for one frame. Above any request the service takes (10 MiB) with room to spare.
    public const int MaxPayloadBytes = 64 * 1024 * 1024;

    private const int CrcAt = 8, LengthAt = 12, OffsetAt = 16, SyncedAt = 24, ShardAt = 32, CountAt = 36,
        FirstIndexAt = 40, TimeAt = 48, PreviousCrcAt = 56, ReservedAt = 60;

    // "WFRM", version 1, kind, two zero bytes: one 8-byte word for each kind, which a search can look for.
    private const ulong PrefixWithoutKind = 0x0000_0001_4D52_4657;
    private const int KindShift = 40;

    /// <summary>The first 8 bytes of a frame of each kind.</summary>
    public static ReadOnlySpan<ulong> Prefixes =>
    [
        PrefixWithoutKind | ((ulong)FrameKind.Records << KindShift),
        PrefixWithoutKind | ((ulong)FrameKind.ShardEnd << KindShift),
        PrefixWithoutKind | ((ulong)FrameKind.ShardTable << KindShift),
        PrefixWithoutKind | ((ulong)FrameKind.Checkpoint << KindShift),
    ];

    /// <summary>Length of the whole frame in the file.</summary>
    public int FrameBytes => FrameBytesOf(PayloadBytes);

    public static int FrameBytesOf(int payloadBytes) => HeaderBytes + ((payloadBytes + Alignment - 1) & -Alignment);

    /// <summary>Writes header and padding around a payload that is already in its place, and the checksum over all.</summary>
    /// <param name="frame">Exactly the frame's bytes.</param>
    /// <param name="seed">The segment's seed.</param>
    /// <returns>The frame's CRC, for the next frame to refer to.</returns>
    public uint Seal(Span<byte> frame, uint seed)
    {
        Invariant.Check(frame.Length == FrameBytes && PayloadBytes <= MaxPayloadBytes);
        frame[(HeaderBytes + PayloadBytes)..].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(frame, PrefixWithoutKind | ((ulong)Kind << KindShift));
        BinaryPrimitives.WriteInt32LittleEndian(frame[LengthAt..], PayloadBytes);
        BinaryPrimitives.WriteInt64LittleEndian(frame[OffsetAt..], Offset.Value);
        BinaryPrimitives.WriteInt64LittleEndian(frame[SyncedAt..], Synced.Value);
        BinaryPrimitives.WriteInt32LittleEndian(frame[ShardAt..], Shard);
        BinaryPrimitives.WriteInt32LittleEndian(frame[CountAt..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(frame[FirstIndexAt..], FirstIndex);
        BinaryPrimitives.WriteInt64LittleEndian(frame[TimeAt..], TimeMs);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[PreviousCrcAt..], PreviousCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ReservedAt..], 0);
        var crc = CrcOf(frame, seed);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[CrcAt..], crc);
        return crc;
    }

    /// <summary>Reads a header without looking at the payload; false when these bytes begin no frame of this version.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> source, out RecordFrame frame)
    {
        frame = default;
        if (source.Length < HeaderBytes)
            return false;
        var prefix = BinaryPrimitives.ReadUInt64LittleEndian(source);
        var payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(source[LengthAt..]);
        if (!Prefixes.Contains(prefix) || payloadBytes is < 0 or > MaxPayloadBytes)
            return false;
        frame = new RecordFrame(
            (FrameKind)(byte)(prefix >> KindShift),
            payloadBytes,
            BinaryPrimitives.ReadUInt32LittleEndian(source[CrcAt..]),
            new LogOffset(BinaryPrimitives.ReadInt64LittleEndian(source[OffsetAt..])),
            new LogOffset(BinaryPrimitives.ReadInt64LittleEndian(source[SyncedAt..])),
            BinaryPrimitives.ReadInt32LittleEndian(source[ShardAt..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[CountAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[FirstIndexAt..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[TimeAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[PreviousCrcAt..]));
        return true;
    }

    /// <summary>CRC of a whole frame, its own field left out.</summary>
    public static uint CrcOf(ReadOnlySpan<byte> frame, uint seed) =>
        Checksum.Append(Checksum.Append(seed, frame[..CrcAt]), frame[LengthAt..]);
}
