using System.Formats.Cbor;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol.Cbor;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Cbor;

public sealed class CborWireReaderTests
{
    [Fact]
    public void Arbitrary_bytes_never_crash_the_reader() => Prop.ForAll<byte[]>(bytes =>
    {
        // Most begin as a map, or nothing would be looked at.
        CborWireReader.TryRead(bytes ?? [], out _);
        CborWireReader.TryRead([0xBF, .. bytes ?? []], out _);
        CborWireReader.TryRead([0xA1, 0x61, (byte)'a', .. bytes ?? []], out _);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Every_short_body_is_read_or_refused()
    {
        for (var length = 0; length <= 2; length++)
        {
            var tail = new byte[length];
            for (var number = 0; number < 1 << (8 * length); number++)
            {
                for (var i = 0; i < length; i++)
                    tail[i] = (byte)(number >> (8 * i));
                CborWireReader.TryRead(tail, out _);
                CborWireReader.TryRead([0xA1, 0x61, (byte)'a', .. tail], out _);
            }
        }
    }

    [Fact]
    public void The_framework_s_reader_finds_well_formed_what_is_read_and_reads_the_same() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var body = new CborBodies(seed).Next(batch: true);
            return !CborWireReader.TryRead(body, out var value) || FrameworkReading.Describe(body) == FrameworkReading.Describe(value);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000));

    [Theory]
    [InlineData("")]
    [InlineData("F6")]
    [InlineData("80")]
    [InlineData("6161")]
    [InlineData("01")]
    [InlineData("FF")]
    [InlineData("BF")]
    [InlineData("BF61")]
    [InlineData("A1")]
    [InlineData("A16161")]
    [InlineData("BF6161FF")]
    [InlineData("A000")]
    [InlineData("A0A0")]
    [InlineData("A10101")]
    [InlineData("A1416101")]
    [InlineData("A1616118")]
    [InlineData("A161611C")]
    [InlineData("A161611F")]
    [InlineData("A161613F")]
    [InlineData("A16161DFA0")]
    [InlineData("A16161C1")]
    [InlineData("A16161FF")]
    [InlineData("A161614201")]
    [InlineData("A161615BFFFFFFFFFFFFFFFF01")]
    [InlineData("A161617B7FFFFFFFFFFFFFFF01")]
    [InlineData("A161619BFFFFFFFFFFFFFFFF01")]
    [InlineData("BBFFFFFFFFFFFFFFFF616101")]
    [InlineData("A161615F6161FF")]
    [InlineData("A161615F5F4161FFFF")]
    [InlineData("A161617F4161FF")]
    [InlineData("A161615F4161")]
    [InlineData("A1616161FF")]
    [InlineData("A161FF01")]
    [InlineData("A1616163EDA080")]
    [InlineData("A16161E0")]
    [InlineData("A16161F8FF")]
    [InlineData("A16161F814")]
    [InlineData("A16161F97E00")]
    [InlineData("A16161C1FB7FF8000000000000")]
    [InlineData("A16161FA7FC0")]
    public void What_is_not_one_map_of_what_messages_hold_is_refused(string hex) =>
        Assert.False(CborWireReader.TryRead(Convert.FromHexString(hex), out _));

    [Fact]
    public void Of_a_name_that_comes_twice_the_later_value_counts()
    {
        var map = Read("A3616101616202616103");
        Assert.Equal(2, map.Count);
        Assert.Equal(3, map.GetInt32("a"));
    }

    [Theory]
    // In milliseconds, without a tag and with one.
    [InlineData("1B000001932E43907B", 1_731_648_000_123)]
    [InlineData("C11B000001932E43907B", 1_731_648_000_123)]
    // In seconds, as an integer and as a fraction.
    [InlineData("1A6736DA00", 1_731_648_000_000)]
    [InlineData("FB41D9CDB680200000", 1_731_648_000_500)]
    public void A_client_takes_a_time_without_a_tag_by_its_size(string hex, long expectedMilliseconds)
    {
        Assert.True(WireCodec.Cbor.TryReadAnswer(Convert.FromHexString("A16161" + hex), out var answer));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(expectedMilliseconds), answer.GetTimestamp("a"));
    }

    [Fact]
    public void A_large_number_is_a_number_still()
    {
        Assert.True(WireCodec.Cbor.TryReadAnswer(Convert.FromHexString("A161611B000001932E43907B"), out var answer));
        Assert.Equal((1_731_648_000_123, null), (answer.GetInt64("a"), answer.GetString("a")));
        // A server takes it for seconds, and for too many.
        Assert.Equal(9999, Read("A161611B000001932E43907B").GetTimestamp("a")!.Value.Year);
    }

    [Theory]
    [InlineData("63C3A461")]
    [InlineData("7F61C361A46161FF")]
    [InlineData("7F6063C3A46160FF")]
    [InlineData("7803C3A461")]
    [InlineData("7B0000000000000003C3A461")]
    [InlineData("C063C3A461")]
    public void Text_may_come_in_any_length_and_in_chunks(string hex) => Assert.Equal("\u00E4a", Read("A16161" + hex).GetString("a"));

    [Theory]
    [InlineData("43010203")]
    [InlineData("5F420102404103FF")]
    [InlineData("5803010203")]
    [InlineData("64415149" + "44")]
    public void Bytes_may_come_in_any_length_in_chunks_and_as_base64(string hex) =>
        Assert.Equal([1, 2, 3], Read("A16161" + hex).GetBlob("a")!.Value.ToArray());

    [Theory]
    [InlineData("0A", 10)]
    [InlineData("180A", 10)]
    [InlineData("1B000000000000000A", 10)]
    [InlineData("20", -1)]
    [InlineData("3818", -25)]
    [InlineData("F94920", 10)]
    [InlineData("FA41200000", 10)]
    [InlineData("FB4025CCCCCCCCCCCD", 10)]
    [InlineData("FBBFE0000000000000", -1)]
    [InlineData("1B000000174876E800", int.MaxValue)]
    [InlineData("3B000000174876E800", int.MinValue)]
    [InlineData("F97C00", int.MaxValue)]
    public void Integers_are_floored_and_clamped_to_32_bits(string hex, int expected) =>
        Assert.Equal(expected, Read("A16161" + hex).GetInt32("a"));

    [Theory]
    [InlineData("1B7FFFFFFFFFFFFFFF", long.MaxValue)]
    [InlineData("1BFFFFFFFFFFFFFFFF", long.MaxValue)]
    [InlineData("3B7FFFFFFFFFFFFFFF", long.MinValue)]
    [InlineData("3BFFFFFFFFFFFFFFFF", long.MinValue)]
    [InlineData("1B0020000000000001", 9007199254740993)]
    public void Longs_keep_64_bits_and_are_clamped_beyond(string hex, long expected) =>
        Assert.Equal(expected, Read("A16161" + hex).GetInt64("a"));

    [Theory]
    [InlineData("C11B0000014F96C3BA73", 1441343453811)]
    [InlineData("C105", 5)]
    [InlineData("C120", -1)]
    [InlineData("D8011864", 100)]
    [InlineData("C1FB41D579CCF0B77CEE", 1441215426867)]
    [InlineData("C1F93E00", 1500)]
    [InlineData("1A55E74278", 1441219192000)]
    [InlineData("C11BFFFFFFFFFFFFFFFF", 253402300799999)]
    [InlineData("C13BFFFFFFFFFFFFFFFF", -62135596800000)]
    [InlineData("C1FB7FF0000000000000", 253402300799999)]
    public void Tag_1_is_milliseconds_over_an_integer_and_seconds_over_a_float(string hex, long expectedMilliseconds) =>
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(expectedMilliseconds), Read("A16161" + hex).GetTimestamp("a"));

    [Theory]
    [InlineData("F5", true)]
    [InlineData("F4", false)]
    [InlineData("63596573", true)]
    [InlineData("F6", null)]
    [InlineData("F7", null)]
    [InlineData("C1F6", null)]
    public void Booleans_may_be_spelt_out_and_null_is_absent(string hex, bool? expected) =>
        Assert.Equal(expected, Read("A16161" + hex).GetBoolean("a"));

    [Fact]
    public void Nesting_is_bounded()
    {
        static byte[] Nested(int levels) =>
            [.. Enumerable.Repeat(new byte[] { 0xA1, 0x61, (byte)'a' }, levels - 1).SelectMany(level => level), 0xA0];
        Assert.True(CborWireReader.TryRead(Nested(CborWireReader.MaxDepth), out _));
        Assert.False(CborWireReader.TryRead(Nested(CborWireReader.MaxDepth + 1), out _));
        Assert.False(CborWireReader.TryRead([0xA1, 0x61, (byte)'a', .. Enumerable.Repeat((byte)0x9F, 1_000_000)], out _));
        Assert.False(CborWireReader.TryRead([0xA1, 0x61, (byte)'a', .. Enumerable.Repeat((byte)0xC0, 1_000_000)], out _));
    }

    [Fact]
    public void The_number_of_values_is_bounded()
    {
        static byte[] List(int items) => [0xA1, 0x61, (byte)'a', 0x9F, .. new byte[items], 0xFF];
        Assert.True(CborWireReader.TryRead(List(CborWireReader.MaxValues - 1), out _));
        Assert.False(CborWireReader.TryRead(List(CborWireReader.MaxValues), out _));
    }

    [Fact]
    public void A_claimed_length_makes_room_for_nothing()
    {
        byte[] body = [0xA1, 0x61, (byte)'a', 0x9B, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF];
        Assert.InRange(Allocations.Of(() => CborWireReader.TryRead(body, out _)), 0, 2000);
    }

    private static WireValue Read(string hex)
    {
        Assert.True(CborWireReader.TryRead(Convert.FromHexString(hex), out var value));
        return value;
    }

    /// <summary>A document as text, once by System.Formats.Cbor and once from what our reader made of it.</summary>
    private static class FrameworkReading
    {
        public static string Describe(byte[] cbor)
        {
            var reader = new CborReader(cbor, CborConformanceMode.Lax);
            var text = Describe(reader);
            Assert.Equal(0, reader.BytesRemaining);
            return text;
        }

        public static string Describe(WireValue value) => value.Kind switch
        {
            WireKind.Map => $"{{{string.Join(',', value.Entries.Select(entry => $"{entry.Key}:{Describe(entry.Value)}"))}}}",
            WireKind.List => $"[{string.Join(',', value.Items.Select(Describe))}]",
            WireKind.Blob => Convert.ToHexString(AsBlob(value)),
            WireKind.Null => "null",
            // Widths and tags are compared elsewhere.
            WireKind.Number or WireKind.Timestamp => "number",
            WireKind.Boolean => value.ToString(),
            _ => $"'{value.Text}'",
        };

        private static byte[] AsBlob(WireValue value) => WireValue.Map(new() { ["a"] = value }).GetBlob("a")!.Value.ToArray();

        private static string Describe(CborReader reader)
        {
            switch (reader.PeekState())
            {
                case CborReaderState.Tag:
                    reader.ReadTag();
                    return Describe(reader);
                case CborReaderState.StartMap:
                    return Map(reader);
                case CborReaderState.StartArray:
                    var items = new List<string>();
                    reader.ReadStartArray();
                    while (reader.PeekState() != CborReaderState.EndArray)
                        items.Add(Describe(reader));
                    reader.ReadEndArray();
                    return $"[{string.Join(',', items)}]";
                case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString:
                    return Convert.ToHexString(reader.ReadByteString());
                case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                    return $"'{Text(reader)}'";
                case CborReaderState.Boolean:
                    return reader.ReadBoolean() ? "true" : "false";
                case CborReaderState.Null or CborReaderState.Undefined or CborReaderState.SimpleValue:
                    reader.SkipValue();
                    return "null";
                default:
                    reader.SkipValue();
                    return "number";
            }
        }

        private static string Map(CborReader reader)
        {
            var entries = new OrderedDictionary<string, string>();
            reader.ReadStartMap();
            while (reader.PeekState() != CborReaderState.EndMap)
            {
                var name = Text(reader);
                entries[name] = Describe(reader);
            }

            reader.ReadEndMap();
            return $"{{{string.Join(',', entries.Select(entry => $"{entry.Key}:{entry.Value}"))}}}";
        }

        // The framework decodes each chunk by itself; ours may end inside a character.
        private static string Text(CborReader reader)
        {
            if (reader.PeekState() == CborReaderState.TextString)
                return reader.ReadTextString();
            var utf8 = new List<byte>();
            reader.ReadStartIndefiniteLengthTextString();
            while (reader.PeekState() != CborReaderState.EndIndefiniteLengthTextString)
                utf8.AddRange(reader.ReadDefiniteLengthTextStringBytes().Span);
            reader.ReadEndIndefiniteLengthTextString();
            return Encoding.UTF8.GetString([.. utf8]);
        }
    }
}
