using FsCheck;
using FsCheck.Fluent;
using Weir.Streams.Format;

namespace Weir.Streams.Tests.Format;

public sealed class StoredRecordTests
{
    [Fact]
    public void Every_record_reads_back_as_it_was_written() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte[]>(), (key, data) =>
        {
            var bytes = new byte[StoredRecord.EncodedBytes(key.Length, data.Length)];
            StoredRecord.Encode(bytes, key, data);
            StoredRecord.Decode(bytes, out var readKey, out var readData);
            return readKey.SequenceEqual(key) && readData.SequenceEqual(data);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_that_are_no_record_are_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            try
            {
                StoredRecord.Decode(bytes, out var key, out var data);
                return StoredRecord.HeaderBytes + key.Length + data.Length == bytes.Length;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_record_without_a_key_says_so()
    {
        var bytes = new byte[StoredRecord.EncodedBytes(0, 2)];
        StoredRecord.Encode(bytes, [], [7, 8]);
        Assert.Equal([1, 1, 0, 0, 7, 8], bytes);
        StoredRecord.Decode(bytes, out var key, out var data);
        Assert.True(key.IsEmpty);
        Assert.Equal([7, 8], data.ToArray());
    }

    [Fact]
    public void A_record_from_before_there_were_flags_is_read()
    {
        StoredRecord.Decode([1, 0, 1, 0, (byte)'k', 7], out var key, out var data);
        Assert.Equal("k"u8.ToArray(), key.ToArray());
        Assert.Equal([7], data.ToArray());
    }

    // The second bit is that of an encrypted record, which has to be opened first.
    [Fact]
    public void Flags_that_this_version_does_not_know_are_refused()
    {
        for (var flags = 2; flags <= byte.MaxValue; flags++)
            Assert.Throws<InvalidDataException>(() => StoredRecord.Decode([1, (byte)flags, 0, 0, 7], out _, out _));
    }

    [Fact]
    public void A_key_that_is_said_to_be_absent_and_is_there_is_refused() =>
        Assert.Throws<InvalidDataException>(() => StoredRecord.Decode([1, 1, 1, 0, (byte)'k', 7], out _, out _));
}
