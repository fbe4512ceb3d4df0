using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Wire;

public sealed class JsonWireWriterTests
{
    [Fact]
    public void Text_survives_writing_and_reading() => Prop.ForAll<string>(text =>
    {
        text = string.Concat((text ?? "").EnumerateRunes()); // Lone surrogates become U+FFFD here as there.
        var json = Written(writer =>
        {
            writer.BeginMap();
            writer.Name(Encoding.UTF8.GetBytes(text));
            writer.String(text);
            writer.Name("utf8"u8);
            writer.String(Encoding.UTF8.GetBytes(text).AsSpan());
            writer.EndMap();
        });
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().First().Name == (text == "utf8" ? "utf8" : text)
            && document.RootElement.GetProperty("utf8").GetString() == text;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Control_characters_quotes_and_backslashes_are_escaped() =>
        Assert.Equal("\"\\\"\\\\\\n\\r\\t\\u0000\\u001f/\u00E4<>\"", Written(writer => writer.String("\"\\\n\r\t\0\u001F/\u00E4<>")));

    [Fact]
    public void A_lone_surrogate_is_written_as_the_replacement_character() =>
        Assert.Equal("\"a\uFFFDb\"", Written(writer => writer.String("a\uD800b")));

    [Fact]
    public void Long_texts_are_written_in_pieces_that_part_no_pair()
    {
        for (var offset = 0; offset < 2; offset++)
        {
            var text = new string('x', offset) + string.Concat(Enumerable.Repeat("\U0001F600", 10_000));
            Assert.Equal($"\"{text}\"", Written(writer => writer.String(text)));
        }
    }

    [Theory]
    [InlineData(1441215410867, "1441215410.867")]
    [InlineData(1441215410000, "1441215410.000")]
    [InlineData(1441215410007, "1441215410.007")]
    [InlineData(0, "0.000")]
    [InlineData(-1500, "-1.500")]
    [InlineData(-5, "-0.005")]
    public void Timestamps_are_seconds_with_milliseconds(long milliseconds, string expected) =>
        Assert.Equal(expected, Written(writer => writer.Timestamp(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))));

    [Fact]
    public void The_calendar_s_ends_can_be_written()
    {
        Assert.Equal("-62135596800.000", Written(writer => writer.Timestamp(DateTimeOffset.MinValue)));
        Assert.Equal("253402300799.999", Written(writer => writer.Timestamp(DateTimeOffset.MaxValue)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(12 * 1024)]
    [InlineData((12 * 1024) + 1)]
    [InlineData(100_000)]
    public void Blobs_are_base64_with_padding(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        Assert.Equal($"\"{Convert.ToBase64String(bytes)}\"", Written(writer => writer.Blob(bytes)));
    }

    [Fact]
    public void Commas_stand_between_values_and_nowhere_else() =>
        Assert.Equal("""{"a":[1,[],{},true],"b":{"c":-9223372036854775808},"d":"x"}""", Written(writer =>
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
            writer.EndList();
            writer.Name("b"u8);
            writer.BeginMap();
            writer.Member("absent"u8, (string?)null);
            writer.Member("c"u8, long.MinValue);
            writer.EndMap();
            writer.Member("d"u8, "x");
            writer.EndMap();
        }));

    [Fact]
    public void A_writer_can_begin_again_on_another_output()
    {
        var (first, second) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        var writer = new JsonWireWriter(first);
        writer.Long(1);
        writer.Reset(second);
        writer.Long(2);
        Assert.Equal("2", Encoding.UTF8.GetString(second.WrittenSpan));
    }

    private static string Written(Action<WireWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new JsonWireWriter(output));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
