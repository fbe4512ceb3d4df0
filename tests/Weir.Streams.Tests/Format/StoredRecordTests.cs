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
    public void Flags_that_this_version_does_not_know_are_refused()
    {
        var record = new byte[StoredRecord.EncodedBytes(1, 1)];
        StoredRecord.Encode(record, "k"u8, "d"u8);
        for (var flags = 1; flags <= byte.MaxValue; flags++)
        {
            record[1] = (byte)flags;
            Assert.Throws<InvalidDataException>(() => StoredRecord.Decode(record, out _, out _));
        }
    }
}
