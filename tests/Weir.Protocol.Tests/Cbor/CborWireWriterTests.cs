using System.Buffers;
using System.Formats.Cbor;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Protocol.Cbor;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Cbor;

public sealed class CborWireWriterTests
{
    [Fact]
    public void A_record_has_these_bytes_on_the_wire()
    {
        // As the service answers (spec section 2.4): maps and lists of indefinite length, the time as c1 1b and eight bytes of milliseconds.
        var output = new ArrayBufferWriter<byte>();
        var writer = WireCodec.Cbor.CreateRecordsWriter(output);
        writer.Begin();
        writer.Record(
            new SequenceNumber(1_700_000_000, 42, 1_700_000_100, new ShardId(3)),
            DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_100_987),
            [0, 1, 0xFE],
            "\u20AC"u8);
        writer.End("i", 12, childShards: null);
        var number = new SequenceNumber(1_700_000_000, 42, 1_700_000_100, new ShardId(3)).ToString();
        Assert.Equal(
            "BF" + Text("Records") + "9F"
            + "BF" + Text("SequenceNumber") + "7838" + Convert.ToHexString(Encoding.ASCII.GetBytes(number))
            + "781B" + Convert.ToHexString("ApproximateArrivalTimestamp"u8) + "C11B0000018BCFE6F27B"
            + Text("Data") + "430001FE" + Text("PartitionKey") + "63E282AC" + "FF" + "FF"
            + Text("NextShardIterator") + Text("i") + Text("MillisBehindLatest") + "0C" + "FF",
            Convert.ToHexString(output.WrittenSpan));

        static string Text(string value) => (0x60 + value.Length).ToString("X2", null) + Convert.ToHexString(Encoding.ASCII.GetBytes(value));
    }

    [Theory]
    [InlineData(1441215410867, "C11B0000014F8F21F2B3")]
    [InlineData(1_000, "C11903E8")]
    [InlineData(0, "C100")]
    [InlineData(-1, "C120")]
    public void Timestamps_are_whole_milliseconds_under_tag_1(long milliseconds, string expected) =>
        Assert.Equal(expected, Hex(writer => writer.Timestamp(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))));

    [Fact]
    public void The_calendar_s_ends_can_be_written()
    {
        Assert.StartsWith("C13B", Hex(writer => writer.Timestamp(DateTimeOffset.MinValue)), StringComparison.Ordinal);
        Assert.StartsWith("C11B", Hex(writer => writer.Timestamp(DateTimeOffset.MaxValue)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "00")]
    [InlineData(23, "17")]
    [InlineData(24, "1818")]
    [InlineData(255, "18FF")]
    [InlineData(256, "190100")]
    [InlineData(65_536, "1A00010000")]
    [InlineData(4_294_967_296, "1B0000000100000000")]
    [InlineData(long.MaxValue, "1B7FFFFFFFFFFFFFFF")]
    [InlineData(-1, "20")]
    [InlineData(-25, "3818")]
    [InlineData(long.MinValue, "3B7FFFFFFFFFFFFFFF")]
    public void Integers_take_the_shortest_form(long value, string expected) => Assert.Equal(expected, Hex(writer => writer.Long(value)));

    [Fact]
    public void Integers_are_as_the_framework_writes_them() => Prop.ForAll<long>(value =>
    {
        var framework = new CborWriter();
        framework.WriteInt64(value);
        return Hex(writer => writer.Long(value)) == Convert.ToHexString(framework.Encode());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Text_survives_and_is_the_same_from_characters_and_from_bytes() => Prop.ForAll<string>(text =>
    {
        text = string.Concat((text ?? "").EnumerateRunes()); // Lone surrogates become U+FFFD here as there.
        var utf8 = Encoding.UTF8.GetBytes(text);
        var written = Written(writer => writer.String(text));
        return new CborReader(written, CborConformanceMode.Canonical).ReadTextString() == text
            && written.AsSpan().SequenceEqual(Written(writer => writer.String(utf8.AsSpan())));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_lone_surrogate_is_written_as_the_replacement_character() =>
        Assert.Equal("6561EFBFBD62", Hex(writer => writer.String("a\uD800b")));

    [Fact]
    public void Long_texts_are_written_in_pieces_that_part_no_pair()
    {
        for (var offset = 0; offset < 2; offset++)
        {
            var text = new string('x', offset) + string.Concat(Enumerable.Repeat("\U0001F600", 10_000));
            Assert.Equal(text, new CborReader(Written(writer => writer.String(text))).ReadTextString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(256)]
    [InlineData(100_000)]
    public void Blobs_are_byte_strings_of_definite_length(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        Assert.Equal(bytes, new CborReader(Written(writer => writer.Blob(bytes)), CborConformanceMode.Canonical).ReadByteString());
    }

    [Fact]
    public void Maps_and_lists_are_of_indefinite_length() =>
        Assert.Equal("BF61619F019FFFBFFFF5F4FF61646178FF", Hex(writer =>
        {
            writer.BeginMap();
            writer.Name("a"u8);
            writer.BeginList();
            writer.Long(1);
            writer.BeginList();
            writer.EndList();
            writer.BeginMap();
            writer.EndMap();
            writer.Boolean(true);
            writer.Boolean(false);
            writer.EndList();
            writer.Member("absent"u8, (string?)null);
            writer.Member("d"u8, "x");
            writer.EndMap();
        }));

    [Fact]
    public void An_error_is_a_map_of_type_and_message() =>
        Assert.Equal(
            "BF" + "665F5F74797065" + "72" + Convert.ToHexString("InternalFailureXXX"u8) + "FF",
            Hex(new KinesisError("InternalFailureXXX", Message: null).Write));

    [Fact]
    public void A_writer_can_begin_again_on_another_output()
    {
        var (first, second) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        var writer = new CborWireWriter(first);
        writer.Long(1);
        writer.Reset(second);
        writer.Long(2);
        Assert.Equal([2], second.WrittenSpan.ToArray());
    }

    private static string Hex(Action<WireWriter> write) => Convert.ToHexString(Written(write));

    private static byte[] Written(Action<WireWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new CborWireWriter(output));
        return output.WrittenSpan.ToArray();
    }
}
