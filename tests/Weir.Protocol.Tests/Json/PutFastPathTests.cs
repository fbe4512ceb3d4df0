using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Protocol.Json;
using Weir.Protocol.Records;
using Weir.Protocol.Tests.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Json;

public sealed class PutFastPathTests() : PutFastPathContract(WireCodec.Json)
{
    protected override byte[] Small { get; } =
        """{"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"kä😀","ExplicitHashKey":"12"},{"Data":"YW\/i"}],"U":["x"]}"""u8.ToArray();

    protected override byte[] Body(int seed, bool batch, bool ordinary) => new PutBodies(seed, ordinary).Next(batch);

    [Fact]
    public void A_plain_serializer_s_batches_take_the_fast_path() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var request = LegalPuts.Batch(new Random(seed));
        // The framework's serializer escapes slashes' neighbours and everything beyond ASCII, as botocore does.
        var plain = JsonSerializer.SerializeToUtf8Bytes(new
        {
            request.StreamName,
            Records = request.Records!.Select(record => new { Data = record.Data!.Value.ToArray(), record.PartitionKey, record.ExplicitHashKey }),
        });
        return General(plain, batch: true) is { } expected && Fast(plain, batch: true) == expected;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("""{"StreamName":"s","Data":"","PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA"}""")]
    [InlineData("""{"StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/s","Data":"AA==","PartitionKey":"\u00e4\ud83d\ude00"}""")]
    [InlineData("""{"StreamName":null,"Data":"+\/==","PartitionKey":"k","ExplicitHashKey":null,"DryRun":true,"Else":{"a":[1,{}],"b":"x"}}""")]
    [InlineData(""" { "D\u0061ta" : "AAA=" , "SequenceNumberForOrdering" : "0" } """)]
    public void Legal_records_take_the_fast_path(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body.Replace("+\\/==", "+\\/A=", StringComparison.Ordinal));
        Assert.NotNull(General(bytes, batch: false));
        Assert.Equal(General(bytes, batch: false), Fast(bytes, batch: false));
    }

    [Theory]
    [InlineData("""{"StreamName":"s","PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":null,"PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":"AB==","PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA    ","PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA","PartitionKey":""}""")]
    [InlineData("""{"StreamName":"s!","Data":"AAAA","PartitionKey":"k"}""")]
    [InlineData("""{"StreamARN":"arn:aws:kinesis","Data":"AAAA","PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA","PartitionKey":"k","ExplicitHashKey":"01"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA","PartitionKey":"k","ExplicitHashKey":7}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA","Data":"AAAA","PartitionKey":"k"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA","PartitionKey":"\ud800"}""")]
    [InlineData("""{"StreamName":"s","Data":"AAAA","PartitionKey":"k"}{}""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public void What_is_wrong_or_unusual_is_declined(string body) =>
        Assert.Null(Fast(Encoding.UTF8.GetBytes(body), batch: false));

    [Fact]
    public void A_lone_surrogate_in_a_key_becomes_the_replacement_character()
    {
        var body = """{"StreamName":"s","Data":"AAAA","PartitionKey":"a\ud800b"}"""u8.ToArray();
        Assert.Contains(Convert.ToHexString("a\uFFFDb"u8), General(body, batch: false), StringComparison.Ordinal);
    }

    [Fact]
    public void An_explicit_hash_key_above_2_to_the_128_is_kept_for_the_operation_to_refuse()
    {
        using var request = PutRequest.Rent();
        Assert.True(PutRecordsJson.TryRead("""
            {"Records":[{"Data":"","PartitionKey":"a","ExplicitHashKey":"340282366920938463463374607431768211456"},
                        {"Data":"","PartitionKey":"a","ExplicitHashKey":"340282366920938463463374607431768211455"},
                        {"Data":"","PartitionKey":"a"}]}
            """u8, request));
        Assert.Equal("340282366920938463463374607431768211456", request.ExplicitHashKeyOutOfRange(0));
        Assert.True(request.HasExplicitHashKey(0));
        Assert.Null(request.ExplicitHashKeyOutOfRange(1));
        Assert.Equal(HashKey.Max, request.HashKey(1));
        Assert.False(request.HasExplicitHashKey(2));
        Assert.Equal(HashKey.Of("a"), request.HashKey(2));
    }
}
