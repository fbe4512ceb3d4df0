using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Messages;

public sealed class RoundTripTests
{
    [Fact]
    public void Every_message_survives_JSON() => Survives(WireCodec.Json);

    [Fact]
    public void Every_message_survives_CBOR() => Survives(WireCodec.Cbor);

    private static void Survives(WireCodec codec) => Prop.ForAll(
        Gen.Elements(RandomMessages.Types.ToArray()).ToArbitrary(),
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        (type, seed) =>
        {
            var message = RandomMessages.Create(type, new Random(seed));
            var output = new ArrayBufferWriter<byte>();
            RandomMessages.Write(message, codec.CreateWriter(output));
            return codec.TryRead(output.WrittenSpan, out var map)
                && RandomMessages.Describe(RandomMessages.Read(type, map)) == RandomMessages.Describe(message);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void A_message_reads_whatever_a_stranger_sends() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        // Every type reads the map of another: known names with values of the wrong kind among them.
        var random = new Random(seed);
        var output = new ArrayBufferWriter<byte>();
        var other = RandomMessages.Types[random.Next(RandomMessages.Types.Count)];
        RandomMessages.Write(RandomMessages.Create(other, random), new JsonWireWriter(output));
        Assert.True(JsonWireReader.TryRead(output.WrittenSpan, out var map));
        foreach (var type in RandomMessages.Types)
            Assert.NotNull(RandomMessages.Read(type, map));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Absent_members_are_left_out()
    {
        var output = new ArrayBufferWriter<byte>();
        new DescribeStreamRequest { StreamName = "s" }.Write(new JsonWireWriter(output));
        Assert.Equal("""{"StreamName":"s"}"""u8, output.WrittenSpan);
    }

    [Fact]
    public void Null_elements_are_structures_without_members_and_no_texts()
    {
        Assert.True(JsonWireReader.TryRead("""{"Records":[null,{"PartitionKey":"k"}],"TagKeys":["a",null]}"""u8, out var map));
        var records = PutRecordsRequest.Read(map).Records!;
        Assert.Equal(2, records.Count);
        Assert.Null(records[0].PartitionKey);
        Assert.Equal(["a"], RemoveTagsFromStreamRequest.Read(map).TagKeys!);
    }

    [Fact]
    public void Every_operation_has_a_request_and_a_response()
    {
        foreach (var operation in KinesisOperation.All)
        {
            Assert.Contains(RandomMessages.Types, type => type.Name == operation.Name + "Request");
            Assert.Contains(RandomMessages.Types, type => type.Name == operation.Name + "Response");
        }
    }

    [Fact]
    public void A_request_names_its_operation() => Assert.Same(KinesisOperation.PutRecord, OperationOf<PutRecordRequest, PutRecordResponse>());

    private static KinesisOperation OperationOf<TRequest, TResponse>()
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse> => TRequest.Operation;
}
