using System.Buffers.Binary;
using System.Diagnostics;
using Weir.Streams.Encryption;

namespace Weir.Streams.Format;

/// <summary>A stored record whose partition key and data are encrypted: the same header, with a flag, and an envelope behind it.</summary>
/// <remarks>
/// <code>
///   0   1       2       4            8       20    36
///   [v] [flags] [keyLen][key number ][nonce ][tag ][encrypted: partition key, data ...]
///   ^---------------- authenticated -^
/// </code>
/// Little-endian. What a <see cref="StoredRecord"/> is inside does not matter here: sealing wraps one, opening gives it back as it was.
/// </remarks>
internal static class EncryptedRecord
{
    /// <summary>Bytes that an encrypted record takes more than the plain one.</summary>
    public const int OverheadBytes = sizeof(uint) + RecordCipher.NonceBytes + RecordCipher.TagBytes;

    private const int NumberAt = StoredRecord.HeaderBytes;
    private const int NonceAt = NumberAt + sizeof(uint);
    private const int TagAt = NonceAt + RecordCipher.NonceBytes;
    private const int BodyAt = TagAt + RecordCipher.TagBytes;

    /// <summary>Encrypts a record where it stands.</summary>
    /// <param name="record"><see cref="OverheadBytes"/> of room, and behind it the plain record; afterwards all of it is the encrypted one.</param>
    /// <param name="cipher">The key.</param>
    public static void Seal(Span<byte> record, RecordCipher cipher)
    {
        Debug.Assert(!StoredRecord.IsEncrypted(record[OverheadBytes..]));
        record.Slice(OverheadBytes, StoredRecord.HeaderBytes).CopyTo(record);
        StoredRecord.SetEncrypted(record, encrypted: true);
        BinaryPrimitives.WriteUInt32LittleEndian(record[NumberAt..], cipher.KeyNumber);
        // The plain header, which was copied to the front, is overwritten by the tag.
        cipher.Encrypt(record[BodyAt..], record[..NonceAt], record.Slice(NonceAt, RecordCipher.NonceBytes), record.Slice(TagAt, RecordCipher.TagBytes));
    }

    /// <summary>The number of the key that opens a record.</summary>
    /// <exception cref="InvalidDataException">The record is too short to be encrypted.</exception>
    public static uint KeyNumber(ReadOnlySpan<byte> record) => record.Length < BodyAt
        ? throw new InvalidDataException($"A stored record of {record.Length} bytes says that it is encrypted; that takes at least {BodyAt}.")
        : BinaryPrimitives.ReadUInt32LittleEndian(record[NumberAt..]);

    /// <summary>Decrypts a record.</summary>
    /// <param name="record">The encrypted record.</param>
    /// <param name="cipher">The key of its number.</param>
    /// <param name="plain">Takes the plain record: <see cref="OverheadBytes"/> shorter.</param>
    /// <exception cref="InvalidDataException">
    /// The bytes are not what this key has sealed. The log's checksum was right, so they were changed on purpose or the catalog is another's.
    /// </exception>
    public static void Open(ReadOnlySpan<byte> record, RecordCipher cipher, Span<byte> plain)
    {
        var opened = cipher.TryDecrypt(
            record[BodyAt..], record[..NonceAt], record.Slice(NonceAt, RecordCipher.NonceBytes), record.Slice(TagAt, RecordCipher.TagBytes),
            plain[StoredRecord.HeaderBytes..]);
        if (!opened)
            throw new InvalidDataException($"A stored record of {record.Length} bytes is not what data key {cipher.KeyNumber} has encrypted.");
        record[..StoredRecord.HeaderBytes].CopyTo(plain);
        StoredRecord.SetEncrypted(plain, encrypted: false);
    }
}
