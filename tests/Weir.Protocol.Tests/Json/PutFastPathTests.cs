using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Protocol.Json;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Json;

// The goal: the fast path may decline, but what it accepts is exactly what the general path would have made of the body. Bodies
// come from seeds, so that a failure names the one that replays it.
public sealed class PutFastPathTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fast_path_accepts_only_what_the_general_path_accepts_and_reads_it_alike(bool batch) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var body = new PutBodies(seed).Next(batch);
            return PutPaths.Fast(body, batch) is not { } fast || fast == PutPaths.General(body, batch);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ordinary_bodies_take_the_fast_path(bool batch) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var body = new PutBodies(seed, ordinary: true).Next(batch);
            return PutPaths.Fast(body, batch) is { } fast && fast == PutPaths.General(body, batch);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Arbitrary_bytes_neither_crash_a_path_nor_tell_them_apart(bool batch) =>
        Prop.ForAll<byte[]>(bytes =>
        {
            bytes ??= [];
            return PutPaths.Fast(bytes, batch) is not { } fast || fast == PutPaths.General(bytes, batch);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_cut_and_every_changed_byte_of_a_small_body_is_read_alike()
    {
        var body = """{"StreamName":"s","Records":[{"Data":"YQ==","PartitionKey":"kä😀","ExplicitHashKey":"12"},{"Data":"YW\/i"}],"U":["x"]}"""u8.ToArray();
        Assert.NotNull(PutPaths.Fast(body, batch: true));
        for (var at = 0; at < body.Length; at++)
        {
            AssertAlike(body[..at]);
            for (var value = 0; value < 256; value++)
            {
                var changed = (byte[])body.Clone();
                changed[at] = (byte)value;
                AssertAlike(changed);
            }
        }

        static void AssertAlike(byte[] body)
        {
            if (PutPaths.Fast(body, batch: true) is { } fast)
                Assert.Equal(fast, PutPaths.General(body, batch: true));
        }
    }

    [Fact]
    public void A_plain_serializer_s_batches_take_the_fast_path() => Prop.ForAll(Requests.ToArbitrary(), request =>
    {
        var typed = new ArrayBufferWriter<byte>();
        request.Write(new JsonWireWriter(typed));
        // The framework's serializer escapes slashes' neighbours and everything beyond ASCII, as botocore does.
        var plain = JsonSerializer.SerializeToUtf8Bytes(new
        {
            request.StreamName,
            Records = request.Records!.Select(record => new { Data = record.Data!.Value.ToArray(), record.PartitionKey, record.ExplicitHashKey }),
        });
        var expected = PutPaths.General(plain, batch: true);
        return expected is not null
            && PutPaths.Fast(plain, batch: true) == expected
            && PutPaths.Fast(typed.WrittenSpan.ToArray(), batch: true) == expected;
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
        Assert.NotNull(PutPaths.General(bytes, batch: false));
        Assert.Equal(PutPaths.General(bytes, batch: false), PutPaths.Fast(bytes, batch: false));
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
        Assert.Null(PutPaths.Fast(Encoding.UTF8.GetBytes(body), batch: false));

    [Fact]
    public void A_lone_surrogate_in_a_key_becomes_the_replacement_character()
    {
        var body = """{"StreamName":"s","Data":"AAAA","PartitionKey":"a\ud800b"}"""u8.ToArray();
        Assert.Contains(Convert.ToHexString("a\uFFFDb"u8), PutPaths.General(body, batch: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void A_key_has_at_most_256_UTF16_units_whatever_their_bytes(int units, bool legal)
    {
        foreach (var character in new[] { "k", "\u20AC" })
        {
            var body = Encoding.UTF8.GetBytes($$"""{"StreamName":"s","Data":"","PartitionKey":"{{string.Concat(Enumerable.Repeat(character, units))}}"}""");
            Assert.Equal(legal, PutPaths.Fast(body, batch: false) is not null);
            Assert.Equal(legal, PutPaths.General(body, batch: false) is not null);
        }

        var pairs = Encoding.UTF8.GetBytes($$"""{"StreamName":"s","Data":"","PartitionKey":"{{string.Concat(Enumerable.Repeat("\U0001F600", 128))}}{{(legal ? "" : "k")}}"}""");
        Assert.Equal(legal, PutPaths.Fast(pairs, batch: false) is not null);
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

    [Theory]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void A_batch_has_at_most_500_records(int records, bool legal)
    {
        var body = Batch(records, dataBytes: 3);
        Assert.Equal(legal, PutPaths.Fast(body, batch: true) is not null);
        Assert.Equal(legal, PutPaths.General(body, batch: true) is not null);
    }

    [Fact]
    public void Data_has_at_most_ten_mebibytes()
    {
        static byte[] Body(int bytes) => Encoding.ASCII.GetBytes(
            $$"""{"StreamName":"s","PartitionKey":"k","Data":"{{Convert.ToBase64String(new byte[bytes])}}"}""");
        Assert.NotNull(PutPaths.Fast(Body(10 * 1024 * 1024), batch: false));
        Assert.Null(PutPaths.Fast(Body((10 * 1024 * 1024) + 1), batch: false));
    }

    [Fact]
    public void Reading_allocates_nothing_per_record()
    {
        var (few, many) = (Batch(1, dataBytes: 1024), Batch(500, dataBytes: 1024));
        using var request = PutRequest.Rent();
        long Measure(byte[] body) => Allocations.Of(() => PutRecordsJson.TryRead(body, request));

        Assert.Equal(Measure(few), Measure(many));
        // The stream's name is all that is left.
        Assert.InRange(Measure(few), 0, 64);
    }

    [Fact]
    public void A_request_is_empty_again_after_a_body_was_declined()
    {
        using var request = PutRequest.Rent();
        Assert.True(PutRecordsJson.TryRead(Batch(3, dataBytes: 10), request));
        Assert.False(PutRecordsJson.TryRead("{"u8, request));
        Assert.Equal(0, request.Count);
        Assert.Equal(0, request.TotalBytes);
        Assert.Null(request.StreamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Data(0).Length);
    }

    [Fact]
    public void A_request_that_is_given_back_twice_goes_to_one_caller_only()
    {
        var given = PutRequest.Rent();
        given.Dispose();
        given.Dispose();
        // Other tests rent at the same time, so this one takes as many as the pool could hold.
        var taken = Enumerable.Range(0, 1000).Select(_ => PutRequest.Rent()).ToList();
        Assert.Equal(taken.Count, taken.Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    private static byte[] Batch(int records, int dataBytes)
    {
        var output = new ArrayBufferWriter<byte>();
        new PutRecordsRequest
        {
            StreamName = "stream",
            Records = [.. Enumerable.Range(0, records).Select(i => new PutRecordsRequestEntry { Data = new byte[dataBytes], PartitionKey = $"key-{i:D4}" })],
        }.Write(new JsonWireWriter(output));
        return output.WrittenSpan.ToArray();
    }

    private static Gen<PutRecordsRequest> Requests =>
        from seed in Gen.Choose(0, int.MaxValue)
        from count in Gen.Choose(1, 20)
        select Legal(new Random(seed), count);

    private static PutRecordsRequest Legal(Random random, int count) => new()
    {
        StreamName = "stream." + random.Next(),
        Records =
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var data = new byte[random.Next(300)];
                random.NextBytes(data);
                var key = new string([.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (char)random.Next(1, 0xD7FF))]);
                return new PutRecordsRequestEntry
                {
                    Data = data,
                    PartitionKey = key,
                    ExplicitHashKey = random.Next(2) == 0 ? null : random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
                };
            }),
        ],
    };
}
