using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Streams.Encryption;
using Weir.Streams.Format;

namespace Weir.Streams.Tests.Format;

public sealed class EncryptedRecordTests
{
    // Made by another implementation of AES-256-GCM (OpenSSL's, by way of Node.js), from the table of docs/formats/stored-record.md:
    // secret 00 01 .. 1f, key number 7, nonce a0 a1 .. ab, partition key k-1, data hello.
    private const string Golden = "0102030007000000a0a1a2a3a4a5a6a7a8a9aaabf3cc0dbb9121b2885cf8250d09ec76d78d354d4520a76ed0";

    private const int FlagsAt = 1;
    private const byte EncryptedFlag = 2;

    private static readonly byte[] Secret = [.. Enumerable.Range(0, DataKey.SecretBytes).Select(i => (byte)i)];

    private readonly DataKey _key = Key(7, Secret);

    [Fact]
    public void Every_record_reads_back_as_it_was_written_and_shows_nothing_of_itself() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte[]>(), (key, data) =>
        {
            var sealedRecord = Seal(key, data);
            Assert.True(StoredRecord.IsEncrypted(sealedRecord));
            Assert.Equal(7U, EncryptedRecord.KeyNumber(sealedRecord));
            var plain = Open(sealedRecord, _key);
            Assert.False(StoredRecord.IsEncrypted(plain));
            StoredRecord.Decode(plain, out var readKey, out var readData);
            // Of few bytes any may occur by chance.
            var hidden = data.Length < 8 || sealedRecord.AsSpan().IndexOf(data) < 0;
            return hidden && readKey.SequenceEqual(key) && readData.SequenceEqual(data);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_another_implementation_has_sealed_by_the_documented_layout_is_opened()
    {
        var plain = Open(Convert.FromHexString(Golden), _key);
        StoredRecord.Decode(plain, out var key, out var data);
        Assert.Equal("k-1", Encoding.UTF8.GetString(key));
        Assert.Equal("hello", Encoding.UTF8.GetString(data));
    }

    [Fact]
    public void A_record_that_was_changed_anywhere_is_refused()
    {
        var record = Seal("k"u8, "some data"u8);
        for (var at = 0; at < record.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = record.ToArray();
                changed[at] ^= (byte)(1 << bit);
                Assert.Throws<InvalidDataException>(() => Open(changed, _key));
            }
        }
    }

    [Fact]
    public void A_record_is_not_opened_by_another_key() =>
        Assert.Throws<InvalidDataException>(() => Open(Seal("k"u8, "some data"u8), Key(7, [.. Secret.Reverse()])));

    [Fact]
    public void A_record_too_short_for_its_envelope_is_refused_and_no_shorter_one_is_read_as_plain()
    {
        var record = Seal([], []);
        for (var length = 0; length < record.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => EncryptedRecord.KeyNumber(record.AsSpan(0, length)));
            Assert.Throws<InvalidDataException>(() => StoredRecord.Decode(record.AsSpan(0, length), out _, out _));
        }

        Assert.Throws<InvalidDataException>(() => StoredRecord.Decode(record, out _, out _));
    }

    [Fact]
    public void The_other_flags_of_a_record_are_there_again_when_it_is_opened() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte>(), flags =>
        {
            flags &= unchecked((byte)~EncryptedFlag);
            var record = new byte[EncryptedRecord.OverheadBytes + StoredRecord.EncodedBytes(1, 1)];
            StoredRecord.Encode(record.AsSpan(EncryptedRecord.OverheadBytes), "k"u8, "d"u8);
            record[EncryptedRecord.OverheadBytes + FlagsAt] = flags;
            using (var cipher = _key.Rent())
                EncryptedRecord.Seal(record, cipher);
            return record[FlagsAt] == (flags | EncryptedFlag) && Open(record, _key)[FlagsAt] == flags;
        }).QuickCheckThrowOnFailure();

    private byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        var record = new byte[EncryptedRecord.OverheadBytes + StoredRecord.EncodedBytes(key.Length, data.Length)];
        StoredRecord.Encode(record.AsSpan(EncryptedRecord.OverheadBytes), key, data);
        using var cipher = _key.Rent();
        EncryptedRecord.Seal(record, cipher);
        return record;
    }

    private static byte[] Open(ReadOnlySpan<byte> record, DataKey key)
    {
        var plain = new byte[record.Length - EncryptedRecord.OverheadBytes];
        using var cipher = key.Rent();
        EncryptedRecord.Open(record, cipher, plain);
        return plain;
    }

    private static DataKey Key(uint number, byte[] secret) => new(number, KeyName.Of(EngineFixture.Name("orders"), "alias/aws/kinesis"), secret);
}
