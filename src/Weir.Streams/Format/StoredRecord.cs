using System.Buffers.Binary;
using System.Diagnostics;

namespace Weir.Streams.Format;

/// <summary>One record as it stands in the log: the partition key and the data behind four bytes.</summary>
/// <remarks>
/// <code>
///   0   1       2       4
///   [v] [flags] [keyLen][partition key, UTF-8][data ...]
/// </code>
/// Little-endian. The data takes what is left of the record; the log knows the record's length. An encrypted record is this one in an
/// envelope, see <see cref="EncryptedRecord"/>. See docs/formats/stored-record.md.
/// </remarks>
public static class StoredRecord
{
    /// <summary>Bytes before the partition key.</summary>
    public const int HeaderBytes = 4;

    private const byte Version = 1;
    private const int FlagsAt = 1;

    // Flags. Bits without a meaning are refused: a reader that ignored one would take a record for what it is not.
    private const byte NoPartitionKeyFlag = 1;
    private const byte EncryptedFlag = 2;

    /// <summary>Bytes that a record takes, without the log's own prefix.</summary>
    public static int EncodedBytes(int keyBytes, int dataBytes) => HeaderBytes + keyBytes + dataBytes;

    /// <summary>Writes a record.</summary>
    /// <param name="destination">Exactly <see cref="EncodedBytes"/> long.</param>
    /// <param name="partitionKey">UTF-8, at most 65,535 bytes; empty for a record without one, since a given key never is.</param>
    /// <param name="data">The payload.</param>
    public static void Encode(Span<byte> destination, ReadOnlySpan<byte> partitionKey, ReadOnlySpan<byte> data)
    {
        Debug.Assert(destination.Length == EncodedBytes(partitionKey.Length, data.Length));
        destination[0] = Version;
        destination[FlagsAt] = partitionKey.IsEmpty ? NoPartitionKeyFlag : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], checked((ushort)partitionKey.Length));
        partitionKey.CopyTo(destination[HeaderBytes..]);
        data.CopyTo(destination[(HeaderBytes + partitionKey.Length)..]);
    }

    /// <summary>Reads a record without copying: both results are slices of <paramref name="record"/>. A record without a key has an empty one.</summary>
    /// <exception cref="InvalidDataException">The bytes are no stored record, or an encrypted one. The log's checksum makes this a bug or a newer version.</exception>
    public static void Decode(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> partitionKey, out ReadOnlySpan<byte> data)
    {
        if (record.Length < HeaderBytes || record[0] != Version)
            throw new InvalidDataException($"A stored record of {record.Length} bytes does not start with version {Version}.");
        if ((record[FlagsAt] & ~NoPartitionKeyFlag) != 0)
            throw new InvalidDataException($"A stored record of {record.Length} bytes has the flags {record[FlagsAt]:x2} where only {NoPartitionKeyFlag:x2} belongs.");
        var keyBytes = BinaryPrimitives.ReadUInt16LittleEndian(record[2..]);
        if ((record[FlagsAt] & NoPartitionKeyFlag) != 0 && keyBytes > 0)
            throw new InvalidDataException($"A stored record says that it has no partition key, and that the key has {keyBytes} bytes.");
        if (record.Length < HeaderBytes + keyBytes)
            throw new InvalidDataException($"A stored record of {record.Length} bytes claims a partition key of {keyBytes} bytes.");
        partitionKey = record.Slice(HeaderBytes, keyBytes);
        data = record[(HeaderBytes + keyBytes)..];
    }

    /// <summary>Whether a record has to be opened by <see cref="EncryptedRecord"/> first.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> record) => record.Length >= HeaderBytes && (record[FlagsAt] & EncryptedFlag) != 0;

    /// <summary>Says whether a record is encrypted; the other flags stay.</summary>
    internal static void SetEncrypted(Span<byte> record, bool encrypted)
    {
        if (encrypted)
            record[FlagsAt] |= EncryptedFlag;
        else
            record[FlagsAt] &= unchecked((byte)~EncryptedFlag);
    }
}
