using System.Buffers;
using System.Text;
using Weir.Cli.Bench;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Tests.Bench;

/// <summary>The generator reads answers by looking for names; it must find what the codecs write.</summary>
public sealed class LoadAnswerTests
{
    public static TheoryData<string, int> FailedCounts => new MatrixTheoryData<string, int>(["json", "cbor"], [0, 1, 23, 24, 255, 256, 500]);

    [Theory]
    [MemberData(nameof(FailedCounts))]
    public void The_number_of_refused_entries_is_found(string wire, int failed)
    {
        var body = Written(wire, new PutRecordsResponse
        {
            FailedRecordCount = failed,
            Records = [new PutRecordsResultEntry { ErrorCode = "ProvisionedThroughputExceededException", ErrorMessage = "Rate exceeded" }],
        });

        var answer = LoadAnswer.Read(body);

        Assert.Equal(new LoadAnswer(200, failed, failed == 0 ? null : "ProvisionedThroughputExceededException"), answer);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("cbor")]
    public void An_answer_of_PutRecord_has_none(string wire) =>
        Assert.Equal(new LoadAnswer(200, 0, null), LoadAnswer.Read(Written(wire, new PutRecordResponse { ShardId = "shardId-000000000000", SequenceNumber = "1" })));

    [Theory]
    [InlineData("json")]
    [InlineData("cbor")]
    public void A_refusal_is_told_by_its_name(string wire)
    {
        var answer = Head(400);
        var writer = CodecOf(wire).CreateWriter(answer);
        writer.BeginMap();
        writer.Member("__type"u8, "ResourceNotFoundException");
        writer.Member("message"u8, "Stream x under account 000000000000 not found.");
        writer.EndMap();

        Assert.Equal(new LoadAnswer(400, 0, "ResourceNotFoundException"), LoadAnswer.Read(answer.WrittenSpan));
    }

    [Fact]
    public void A_refusal_without_a_name_is_told_by_its_status() => Assert.Equal(new LoadAnswer(413, 0, "HTTP 413"), LoadAnswer.Read(Head(413).WrittenSpan));

    [Fact]
    public void What_is_no_HTTP_is_said_to_be_none() => Assert.Throws<IOException>(() => LoadAnswer.Read("SSH-2.0-OpenSSH_10"u8));

    [Fact]
    public void A_text_that_is_cut_off_is_none()
    {
        Assert.Null(WireMembers.Text("\":\"half"u8));
        Assert.Null(WireMembers.Text([0x78]));
        Assert.Null(WireMembers.Text([0x65, (byte)'x']));
        Assert.Null(WireMembers.Number([0x19, 1]));
        Assert.Equal("a/b", WireMembers.Text("\":\"a\\/b\",\"x\":1"u8));
    }

    private static byte[] Written<T>(string wire, T message)
        where T : class, IWireMessage<T>
    {
        var answer = Head(200);
        message.Write(CodecOf(wire).CreateWriter(answer));
        return answer.WrittenSpan.ToArray();
    }

    private static ArrayBufferWriter<byte> Head(int status)
    {
        var head = new ArrayBufferWriter<byte>();
        head.Write(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Whatever\r\n\r\n"));
        return head;
    }

    private static WireCodec CodecOf(string wire) => wire == "cbor" ? WireCodec.Cbor : WireCodec.Json;
}
