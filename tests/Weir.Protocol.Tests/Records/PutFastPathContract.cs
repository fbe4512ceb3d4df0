using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol.Messages;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Records;

/// <summary>
/// The goal: an encoding's fast path may decline, but what it accepts is exactly what the general path would have made of the
/// body. Bodies come from seeds, so that a failure names the one that replays it.
/// </summary>
public abstract class PutFastPathContract(WireCodec codec)
{
    /// <summary>A PutRecords of which every cut and every changed byte is tried.</summary>
    protected abstract byte[] Small { get; }

    /// <summary>A body made from a seed: legal, legal in unusual clothes, or wrong; an ordinary one is legal and as clients write it.</summary>
    protected abstract byte[] Body(int seed, bool batch, bool ordinary);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fast_path_accepts_only_what_the_general_path_accepts_and_reads_it_alike(bool batch) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var body = Body(seed, batch, ordinary: false);
            return Fast(body, batch) is not { } fast || fast == General(body, batch);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ordinary_bodies_take_the_fast_path(bool batch) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var body = Body(seed, batch, ordinary: true);
            return Fast(body, batch) is { } fast && fast == General(body, batch);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Arbitrary_bytes_neither_crash_a_path_nor_tell_them_apart(bool batch) =>
        Prop.ForAll<byte[]>(bytes =>
        {
            bytes ??= [];
            return Fast(bytes, batch) is not { } fast || fast == General(bytes, batch);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_cut_and_every_changed_byte_of_a_small_body_is_read_alike()
    {
        Assert.NotNull(Fast(Small, batch: true));
        for (var at = 0; at < Small.Length; at++)
        {
            AssertAlike(Small[..at]);
            for (var value = 0; value < 256; value++)
            {
                var changed = (byte[])Small.Clone();
                changed[at] = (byte)value;
                AssertAlike(changed);
            }
        }

        void AssertAlike(byte[] body)
        {
            if (Fast(body, batch: true) is { } fast)
                Assert.Equal(fast, General(body, batch: true));
        }
    }

    [Fact]
    public void Typed_batches_take_the_fast_path() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var body = Written(LegalPuts.Batch(new Random(seed)));
        return Fast(body, batch: true) is { } fast && fast == General(body, batch: true);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void A_batch_has_at_most_500_records(int records, bool legal)
    {
        var body = Batch(records, dataBytes: 3);
        Assert.Equal(legal, Fast(body, batch: true) is not null);
        Assert.Equal(legal, General(body, batch: true) is not null);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Data_has_at_most_ten_mebibytes(int beyond, bool legal)
    {
        var body = Written(new PutRecordRequest { StreamName = "s", PartitionKey = "k", Data = new byte[(10 * 1024 * 1024) + beyond] });
        Assert.Equal(legal, Fast(body, batch: false) is not null);
    }

    [Theory]
    [InlineData("k", 256, true)]
    [InlineData("k", 257, false)]
    [InlineData("\u20AC", 256, true)]
    [InlineData("\u20AC", 257, false)]
    [InlineData("\U0001F600", 128, true)]
    [InlineData("\U0001F600", 129, false)]
    [InlineData("", 1, false)]
    public void A_key_has_1_to_256_UTF16_units_whatever_their_bytes(string character, int count, bool legal)
    {
        var body = Written(new PutRecordRequest
        {
            StreamName = "s", Data = Array.Empty<byte>(), PartitionKey = string.Concat(Enumerable.Repeat(character, count)),
        });
        Assert.Equal(legal, Fast(body, batch: false) is not null);
        Assert.Equal(legal, General(body, batch: false) is not null);
    }

    [Fact]
    public void Reading_allocates_nothing_per_record()
    {
        var (few, many) = (Batch(1, dataBytes: 1024), Batch(500, dataBytes: 1024));
        using var request = PutRequest.Rent();
        long Measure(byte[] body) => Allocations.Of(() => codec.TryReadPutRecords(body, request));

        Assert.Equal(Measure(few), Measure(many));
        // The stream's name is all that is left.
        Assert.InRange(Measure(few), 0, 64);
    }

    [Fact]
    public void A_request_is_empty_again_after_a_body_was_declined()
    {
        using var request = PutRequest.Rent();
        var body = Batch(3, dataBytes: 10);
        Assert.True(codec.TryReadPutRecords(body, request));
        Assert.False(codec.TryReadPutRecords(body.AsSpan(0, body.Length - 1), request));
        Assert.Equal(0, request.Count);
        Assert.Equal(0, request.TotalBytes);
        Assert.Null(request.StreamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Data(0).Length);
    }

    protected string? Fast(byte[] body, bool batch) => PutPaths.Fast(codec, body, batch);

    protected string? General(byte[] body, bool batch) => PutPaths.General(codec, body, batch);

    private byte[] Batch(int records, int dataBytes) => Written(new PutRecordsRequest
    {
        StreamName = "stream",
        Records = [.. Enumerable.Range(0, records).Select(i => new PutRecordsRequestEntry { Data = new byte[dataBytes], PartitionKey = $"key-{i:D4}" })],
    });

    private byte[] Written<T>(T message)
        where T : class, IWireMessage<T>
    {
        var output = new ArrayBufferWriter<byte>();
        message.Write(codec.CreateWriter(output));
        return output.WrittenSpan.ToArray();
    }
}
