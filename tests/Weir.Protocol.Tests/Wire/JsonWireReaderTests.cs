using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol.Tests.Json;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Wire;

public sealed class JsonWireReaderTests
{
    [Fact]
    public void Arbitrary_bytes_never_crash_the_reader() => Prop.ForAll<byte[]>(bytes =>
    {
        JsonWireReader.TryRead(bytes ?? [], out _);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Mutated_bodies_never_crash_the_reader() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        JsonWireReader.TryRead(new PutBodies(seed).Next(batch: true), out _);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("1")]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("{}{}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{/*c*/}")]
    [InlineData("\uFEFF{}")]
    public void What_is_not_one_object_is_refused(string body) => Assert.False(JsonWireReader.TryRead(Encoding.UTF8.GetBytes(body), out _));

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' })]
    [InlineData(new byte[] { (byte)'{', (byte)'"', (byte)'a', (byte)'"', (byte)':', (byte)'"', 0xED, 0xA0, 0x80, (byte)'"', (byte)'}' })]
    public void What_is_not_UTF8_is_refused(byte[] body) => Assert.False(JsonWireReader.TryRead(body, out _));

    [Fact]
    public void Of_a_name_that_comes_twice_the_later_value_counts()
    {
        var map = Read("""{"a":1,"b":2,"a":3}""");
        Assert.Equal(2, map.Count);
        Assert.Equal(3, map.GetInt32("a"));
    }

    [Theory]
    [InlineData("""\ud800""", "\uFFFD")]
    [InlineData("""x\udc00y""", "x\uFFFDy")]
    [InlineData("""\ud800\ud83d\ude00""", "\uFFFD\U0001F600")]
    [InlineData("""\ud83d\ude00 \u0041\n\/\\\"\b\f\r\t""", "\U0001F600 A\n/\\\"\b\f\r\t")]
    [InlineData("""ä\u0000€""", "\u00E4\0\u20AC")]
    public void Escapes_are_undone_and_lone_surrogates_replaced(string json, string expected)
    {
        var map = Read($$"""{"a":"{{json}}","{{json}}":1}""");
        Assert.Equal(expected, map.GetString("a"));
        Assert.Equal(1, map.GetInt32(expected));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        static byte[] Nested(int levels) => Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1));
        Assert.True(JsonWireReader.TryRead(Nested(JsonWireReader.MaxDepth), out _));
        Assert.False(JsonWireReader.TryRead(Nested(JsonWireReader.MaxDepth + 1), out _));
        Assert.False(JsonWireReader.TryRead(Encoding.ASCII.GetBytes("{\"a\":" + new string('[', 1_000_000)), out _));
    }

    [Fact]
    public void The_number_of_values_is_bounded()
    {
        static byte[] List(int items) => Encoding.ASCII.GetBytes("{\"a\":[0" + string.Concat(Enumerable.Repeat(",0", items - 1)) + "]}");
        Assert.True(JsonWireReader.TryRead(List(JsonWireReader.MaxValues - 1), out _));
        Assert.False(JsonWireReader.TryRead(List(JsonWireReader.MaxValues), out _));
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("10.0", 10)]
    [InlineData("1e1", 10)]
    [InlineData("10.9", 10)]
    [InlineData("-0.5", -1)]
    [InlineData("100000000000", int.MaxValue)]
    [InlineData("-100000000000", int.MinValue)]
    [InlineData("1e400", int.MaxValue)]
    public void Integers_are_floored_and_clamped_to_32_bits(string json, int expected) =>
        Assert.Equal(expected, Read($$"""{"a":{{json}}}""").GetInt32("a"));

    [Theory]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", long.MaxValue)]
    [InlineData("-1e300", long.MinValue)]
    [InlineData("9007199254740993", 9007199254740993)]
    public void Longs_keep_64_bits_and_are_clamped_beyond(string json, long expected) =>
        Assert.Equal(expected, Read($$"""{"a":{{json}}}""").GetInt64("a"));

    [Theory]
    [InlineData("1441215410.867", 1441215410867)]
    [InlineData("1.441215410867E9", 1441215410867)]
    [InlineData("1441215410", 1441215410000)]
    [InlineData("1441215410.8674", 1441215410867)]
    [InlineData("-1.5", -1500)]
    [InlineData("0", 0)]
    public void Timestamps_are_seconds_rounded_to_milliseconds(string json, long expectedMilliseconds) =>
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(expectedMilliseconds), Read($$"""{"a":{{json}}}""").GetTimestamp("a"));

    [Theory]
    [InlineData("1e300")]
    [InlineData("-1e300")]
    [InlineData("9223372036854775807")]
    public void Timestamps_beyond_the_calendar_are_clamped(string json) =>
        Assert.NotNull(Read($$"""{"a":{{json}}}""").GetTimestamp("a"));

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"TRUE\"", true)]
    [InlineData("\"yes\"", true)]
    [InlineData("\"1\"", true)]
    [InlineData("\"False\"", false)]
    [InlineData("\"no\"", false)]
    [InlineData("\"0\"", false)]
    [InlineData("\"maybe\"", null)]
    [InlineData("null", null)]
    public void Booleans_may_be_spelt_out(string json, bool? expected) => Assert.Equal(expected, Read($$"""{"a":{{json}}}""").GetBoolean("a"));

    [Fact]
    public void Members_of_another_kind_read_as_absent()
    {
        var map = Read("""{"s":1,"n":"x","b":[],"l":{},"m":[],"t":"x","null":null}""");
        Assert.Null(map.GetString("s"));
        Assert.Null(map.GetInt32("n"));
        Assert.Null(map.GetBlob("b"));
        Assert.Null(map.GetStrings("l"));
        Assert.Null(map.GetStringMap("m"));
        Assert.Null(map.GetTimestamp("t"));
        Assert.Null(map.GetString("null"));
        Assert.Null(map.GetString("missing"));
    }

    private static WireValue Read(string json)
    {
        Assert.True(JsonWireReader.TryRead(Encoding.UTF8.GetBytes(json), out var value));
        return value;
    }
}
