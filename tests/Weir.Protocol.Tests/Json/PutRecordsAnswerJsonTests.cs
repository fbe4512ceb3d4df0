using System.Buffers;
using System.Text;
using Weir.Protocol.Json;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Json;

/// <summary>What the fast path reads of an answer is what the general path reads; what it leaves is only slower.</summary>
public sealed class PutRecordsAnswerJsonTests
{
    [Fact]
    public void It_reads_what_the_general_path_reads()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var output = new ArrayBufferWriter<byte>();
            Answer(random).Write(WireCodec.Json.CreateWriter(output));
            Assert.True(WireCodec.Json.TryRead(output.WrittenSpan, out var map));
            var fast = PutRecordsAnswerJson.TryRead(output.WrittenSpan);
            Assert.NotNull(fast);
            AssertSame(PutRecordsResponse.Read(map), fast);
        }
    }

    [Fact]
    public void The_name_of_a_shard_is_one_string()
    {
        var answer = Read("""{"Records":[{"SequenceNumber":"1","ShardId":"shardId-7"},{"SequenceNumber":"2","ShardId":"shardId-7"}]}""");
        Assert.Same(answer!.Records![0].ShardId, answer.Records[1].ShardId);
    }

    [Theory]
    [InlineData("""{"FailedRecordCount":0,"Records":[{"ShardId":"a\u0062","SequenceNumber":"1"}]}""")]
    [InlineData(""" { "Records" : [ { "ErrorCode" : "InternalFailure", "ErrorMessage" : "größer" } ] , "EncryptionType":"KMS", "FailedRecordCount" : 1 } """)]
    [InlineData("""{"Records":[{"SequenceNumber":"1","ShardId":"s","ErrorCode":null}]}""")]
    [InlineData("""{"Records":[]}""")]
    public void Other_ways_to_write_it_are_read_as_well(string text)
    {
        Assert.True(WireCodec.Json.TryRead(Encoding.UTF8.GetBytes(text), out var map));
        AssertSame(PutRecordsResponse.Read(map), Read(text)!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Records":[{}]""")]
    [InlineData("""{"Records":[{}]}{""")]
    [InlineData("""{"Records":{}}""")]
    [InlineData("""{"Records":[1]}""")]
    [InlineData("""{"Records":[{"ShardId":7}]}""")]
    [InlineData("""{"Records":[{"ShardId":"a","ShardId":"b"}]}""")]
    [InlineData("""{"Records":[{"New":"x"}]}""")]
    [InlineData("""{"Records":[],"Records":[]}""")]
    [InlineData("""{"Records":[],"New":1}""")]
    [InlineData("""{"Records":[],"FailedRecordCount":"1"}""")]
    [InlineData("""{"Records":[],"FailedRecordCount":99999999999}""")]
    [InlineData("""{"Records":[],"EncryptionType":1}""")]
    [InlineData("""{"Records":[{"ShardId":"\ud800"}]}""")]
    public void What_is_unusual_or_wrong_is_left_to_the_general_path(string text) => Assert.Null(Read(text));

    private static PutRecordsResponse? Read(string text) => PutRecordsAnswerJson.TryRead(Encoding.UTF8.GetBytes(text));

    private static PutRecordsResponse Answer(Random random) => new()
    {
        FailedRecordCount = random.Next(4) == 0 ? null : random.Next(500),
        EncryptionType = random.Next(2) == 0 ? null : "KMS",
        Records =
        [
            .. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(5) == 0
                ? new PutRecordsResultEntry { ErrorCode = "InternalFailure", ErrorMessage = random.Next(2) == 0 ? "Rate exceeded \"again\"\n é" : new string('m', 300) }
                : new PutRecordsResultEntry { ShardId = $"shardId-{random.Next(5):D12}", SequenceNumber = $"{random.NextInt64()}{random.NextInt64()}" }),
        ],
    };

    private static void AssertSame(PutRecordsResponse expected, PutRecordsResponse actual)
    {
        Assert.Equal((expected.FailedRecordCount, expected.EncryptionType), (actual.FailedRecordCount, actual.EncryptionType));
        Assert.Equal(
            expected.Records!.Select(record => (record.ShardId, record.SequenceNumber, record.ErrorCode, record.ErrorMessage)),
            actual.Records!.Select(record => (record.ShardId, record.SequenceNumber, record.ErrorCode, record.ErrorMessage)));
    }
}
