using System.Buffers;
using System.Text;
using Weir.Cli.Put;
using Weir.Protocol.Aggregation;

namespace Weir.Cli.Tests.Put;

public sealed class LineFormatTests
{
    [Theory]
    [InlineData("""{"user":"u1","x":{"user":"inner"}}""", "u1")]
    [InlineData("""{"x":[{"user":"inner"}],"user":17}""", "17")]
    [InlineData("""{"user":true}""", "true")]
    [InlineData("""{"user":"\u00fc"}""", "ü")]
    public void The_key_is_the_objects_own_field(string line, string key)
    {
        var record = Read(LineFormat.JsonField("user"), line);

        Assert.Equal(key, record.PartitionKey);
        Assert.Equal(line, Encoding.UTF8.GetString(record.Data.Span));
    }

    [Theory]
    [InlineData("", "no JSON object")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("{\"user\":\"u1", "no JSON object")]
    [InlineData("""{"user":"u1"} x""", "no JSON object")]
    [InlineData("""{"name":"u1"}""", "no field \"user\"")]
    [InlineData("""{"user":null}""", "the key's field is no text or number, but Null")]
    [InlineData("""{"user":{}}""", "the key's field is no text or number, but StartObject")]
    [InlineData("""{"user":""}""", "the key has 0 characters; it must have 1 to 256")]
    public void A_line_without_a_key_is_refused_by_number(string line, string reason) =>
        Assert.Equal($"line 5: {reason}", Assert.Throws<CommandFailure>(() => Read(LineFormat.JsonField("user"), line)).Message);

    [Fact]
    public void Only_the_first_tab_parts_key_and_data()
    {
        var record = Read(LineFormat.Tab(), "key\tda\tta");

        Assert.Equal("key", record.PartitionKey);
        Assert.Equal("da\tta", Encoding.UTF8.GetString(record.Data.Span));
        Assert.Equal(8, LineBatch.SizeOf(record));
    }

    [Fact]
    public void Without_a_key_each_record_gets_another()
    {
        var format = LineFormat.RandomKey(new Random(1));

        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => Read(format, "x").PartitionKey).Distinct().Count());
    }

    private static UserRecord Read(LineFormat format, string line) => format.Read(5, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line)));
}
