using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Protocol.Aggregation;

namespace Weir.Protocol.Tests.Aggregation;

/// <summary>
/// The KPL's format: what is written is what the specification's example shows, what is read back is what was written, and whatever looks
/// aggregated only at first sight is an ordinary record.
/// </summary>
public sealed class AggregatedRecordTests
{
    // Spec section 10.1.
    private const string Example =
        "F3899AC20A046B6579310A046B65793212033132331A0908001A0568656C6C6F1A0B080110001A05776F726C649D136CDC5E085196C11F879DDF755C88";

    [Fact]
    public void The_specifications_example_is_written_byte_for_byte()
    {
        using var writer = new AggregatedRecordWriter(1024);
        Assert.True(writer.TryAdd("key1", null, "hello"u8));
        Assert.True(writer.TryAdd("key2", new HashKey(123), "world"u8));
        Assert.Equal(2, writer.Count);
        Assert.Equal(Example, Convert.ToHexString(Finish(writer)));
    }

    [Fact]
    public void The_specifications_example_is_read()
    {
        Assert.True(AggregatedRecordReader.TryRead(Convert.FromHexString(Example), out var records));
        Assert.Equal([("key1", null, "hello"), ("key2", "123", "world")], records.Select(Describe));
        Assert.Equal(HashKey.Of("key1"), records[0].EffectiveHashKey);
        Assert.Equal(new HashKey(123), records[1].EffectiveHashKey);
    }

    [Fact]
    public void What_is_written_is_read_back_in_its_order() => Prop.ForAll(UserRecords().ToArbitrary(), records =>
    {
        using var writer = new AggregatedRecordWriter(1 << 20);
        for (var life = 0; life < 2; life++)
        {
            foreach (var (key, hashKey, data) in records)
                Assert.True(writer.TryAdd(key, hashKey, data.Span));
            var size = writer.SizeInBytes;
            var bytes = Finish(writer);
            Assert.Equal(size, bytes.Length);
            for (var i = 0; i < records.Length; i++)
                Assert.Equal(records[i].Data.ToArray(), writer.DataOf(i).ToArray());
            Assert.True(AggregatedRecordReader.TryRead(bytes, out var read));
            Assert.Equal(records.Select(Describe), read.Select(Describe));
            // Emptied, it writes the same once more.
            writer.Clear();
            Assert.Equal(0, writer.Count);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_does_not_fit_changes_nothing() => Prop.ForAll(UserRecords().ToArbitrary(), Gen.Choose(64, 600).ToArbitrary(), (records, max) =>
    {
        using var writer = new AggregatedRecordWriter(max);
        using var fitting = new AggregatedRecordWriter(1 << 20);
        foreach (var (key, hashKey, data) in records)
        {
            var before = writer.SizeInBytes;
            if (writer.TryAdd(key, hashKey, data.Span))
            {
                fitting.TryAdd(key, hashKey, data.Span);
                Assert.True(writer.SizeInBytes <= max);
            }
            else
            {
                Assert.Equal(before, writer.SizeInBytes);
                using var with = Copy(fitting, 1 << 20);
                with.TryAdd(key, hashKey, data.Span);
                Assert.True(with.SizeInBytes > max, "It would have fitted.");
            }
        }

        Assert.Equal(Finish(fitting), Finish(writer));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Each_key_is_in_its_table_once()
    {
        using var writer = new AggregatedRecordWriter(10_000);
        for (var i = 0; i < 100; i++)
            Assert.True(writer.TryAdd("the-key", new HashKey(7), "x"u8));
        var text = Encoding.Latin1.GetString(Finish(writer));
        Assert.Equal(text.IndexOf("the-key", StringComparison.Ordinal), text.LastIndexOf("the-key", StringComparison.Ordinal));
        Assert.Equal(4 + 9 + 3 + (100 * (2 + 2 + 2 + 3)) + 16, text.Length);
    }

    [Fact]
    public void Adding_allocates_nothing_once_the_writer_has_its_size()
    {
        using var writer = new AggregatedRecordWriter(51_200);
        var keys = Enumerable.Range(0, 50).Select(i => $"key-{i}").ToArray();
        var data = new byte[100];
        var bytes = new byte[51_200];
        Fill();
        var allocated = Allocations.Of(Fill);
        Assert.Equal(0, allocated);

        void Fill()
        {
            writer.Clear();
            for (var i = 0; writer.TryAdd(keys[i % keys.Length], null, data); i++)
                continue;
            writer.WriteTo(bytes);
        }
    }

    [Fact]
    public void Any_bytes_are_an_ordinary_record_or_aggregated_and_never_an_exception() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)).ToArbitrary(), bytes =>
        {
            Assert.False(AggregatedRecordReader.TryRead(bytes, out _));
            AggregatedRecordReader.TryRead(Sealed(bytes), out _);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_single_bit_matters_to_the_checksum()
    {
        var bytes = Convert.FromHexString(Example);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(AggregatedRecordReader.TryRead(damaged, out _), $"Bit {bit} was not noticed.");
        }
    }

    [Theory]
    [InlineData("0A016B 1A04 0801 1A00", "an index past the keys")]
    [InlineData("0A016B 1A06 0800 1000 1A00", "an index past the explicit hash keys")]
    [InlineData("0A016B 120178 1A06 0800 1000 1A00", "an explicit hash key that is no number")]
    [InlineData("0A016B 1A02 0800", "a record without data")]
    [InlineData("0A016B 1A02 1A00", "a record without a key")]
    [InlineData("0A016B 1A08 0800 1A00 2202 1200", "a tag without a key")]
    [InlineData("0A026B", "a key that is cut off")]
    [InlineData("0A016B 00", "a field of number 0")]
    [InlineData("0A016B 3C", "an end without its group")]
    [InlineData("0A016B 2E", "a wire type that there is not")]
    [InlineData("0A016B 28FFFFFFFFFFFFFFFFFFFFFF01", "a number without an end")]
    public void What_is_no_message_is_an_ordinary_record(string message, string why) =>
        Assert.False(AggregatedRecordReader.TryRead(Sealed(Hex(message)), out _), why);

    [Theory]
    [InlineData("1A05 0800 1A0178 0A016B", "the tables behind the records")]
    [InlineData("0A016B 1A05 1A0178 0800", "the members in another order")]
    [InlineData("0A016B 1A07 0809 0800 1A0178", "a member twice: the last one counts")]
    [InlineData("0A016B 1A10 0800 1A0178 2203 0A0174 2800 3202 0000", "tags and members of later versions")]
    [InlineData("0A016B 2B 2801 2C 2D00000000 290000000000000000 1A05 0800 1A0178", "unknown fields and groups")]
    [InlineData("0A016B 0801 1A05 0800 1A0178", "a known field written in another way")]
    public void What_other_writers_may_do_is_read(string message, string why)
    {
        Assert.True(AggregatedRecordReader.TryRead(Sealed(Hex(message)), out var records), why);
        Assert.Equal([("k", null, "x")], records.Select(Describe));
    }

    [Fact]
    public void An_aggregate_may_be_empty()
    {
        Assert.True(AggregatedRecordReader.TryRead(Sealed(Hex("0A016B")), out var records));
        Assert.Empty(records);
        Assert.False(AggregatedRecordReader.TryRead(Sealed([]), out _));
    }

    private static (string, string?, string) Describe(UserRecord record) =>
        (record.PartitionKey, record.ExplicitHashKey?.ToString(), Encoding.Latin1.GetString(record.Data.Span));

    private static byte[] Finish(AggregatedRecordWriter writer)
    {
        var bytes = new byte[writer.SizeInBytes];
        Assert.Equal(bytes.Length, writer.WriteTo(bytes));
        return bytes;
    }

    private static AggregatedRecordWriter Copy(AggregatedRecordWriter writer, int maxBytes)
    {
        var copy = new AggregatedRecordWriter(maxBytes);
        if (writer.Count == 0)
            return copy;
        Assert.True(AggregatedRecordReader.TryRead(Finish(writer), out var records));
        foreach (var (key, hashKey, data) in records)
            copy.TryAdd(key, hashKey, data.Span);
        return copy;
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    // A message with magic and checksum.
    private static byte[] Sealed(byte[] message) => [0xF3, 0x89, 0x9A, 0xC2, .. message, .. MD5.HashData(message)];

    private static Gen<UserRecord[]> UserRecords()
    {
        var keys = Gen.Elements("a", "key", "schlüssel", "鍵", new string('k', 256), "key-2", "key-3");
        var hashKeys = Gen.Elements<HashKey?>(null, null, HashKey.Min, HashKey.Max, new HashKey(12345), new HashKey(UInt128.One << 64));
        var data = from length in Gen.Frequency((6, Gen.Choose(0, 200)), (1, Gen.Choose(120, 20_000)))
                   from seed in Gen.Choose(0, int.MaxValue)
                   select Bytes(length, seed);
        var record = from key in keys
                     from hashKey in hashKeys
                     from bytes in data
                     select new UserRecord(key, hashKey, bytes);
        return from count in Gen.Choose(1, 40) from records in Gen.ArrayOf(record, count) select records;
    }

    private static ReadOnlyMemory<byte> Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
