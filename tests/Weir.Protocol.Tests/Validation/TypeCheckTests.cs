using System.Text;
using Weir.Protocol.Validation;
using Weir.Protocol.Wire;

namespace Weir.Protocol.Tests.Validation;

// The table of spec section 3.1, row by row, each on a member of a real operation.
public sealed class TypeCheckTests
{
    private const string Number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber";

    [Theory]
    [InlineData("DescribeStream", """{"StreamName":true}""", "class java.lang.Boolean can not be converted to an String")]
    [InlineData("DescribeStream", """{"StreamName":1}""", Number + " can not be converted to an String")]
    [InlineData("DescribeStream", """{"StreamName":[]}""", "Start of list found where not expected")]
    [InlineData("DescribeStream", """{"StreamName":{}}""", "Start of structure or map found where not expected.")]
    [InlineData("DescribeStream", """{"Limit":false}""", "class java.lang.Boolean can not be converted to an Integer")]
    [InlineData("DescribeStream", """{"Limit":"1"}""", "class java.lang.String can not be converted to an Integer")]
    [InlineData("DescribeStream", """{"Limit":[1]}""", "Start of list found where not expected")]
    [InlineData("DescribeStream", """{"Limit":{}}""", "Start of structure or map found where not expected.")]
    [InlineData("DeleteStream", """{"EnforceConsumerDeletion":1}""", Number + " can not be converted to an Boolean")]
    [InlineData("DeleteStream", """{"EnforceConsumerDeletion":"maybe"}""", "'MAYBE' can not be converted to an Boolean")]
    [InlineData("DeleteStream", """{"EnforceConsumerDeletion":[]}""", "Start of list found where not expected")]
    [InlineData("PutRecord", """{"Data":true}""", "class java.lang.Boolean can not be converted to a Blob")]
    [InlineData("PutRecord", """{"Data":12}""", Number + " can not be converted to a Blob")]
    [InlineData("PutRecord", """{"Data":{}}""", "Start of structure or map found where not expected.")]
    [InlineData("PutRecord", """{"Data":"abcde"}""", "'abcde' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5")]
    [InlineData("PutRecord", """{"Data":"a*b="}""", "'a*b=' can not be converted to a Blob: Invalid Base64 character: '*'")]
    [InlineData("PutRecord", """{"Data":"a=bc"}""", "'a=bc' can not be converted to a Blob: Invalid Base64 character: '='")]
    [InlineData("PutRecord", """{"Data":"a==*"}""", "'a==*' can not be converted to a Blob: Invalid Base64 character: '='")]
    [InlineData("PutRecord", """{"Data":"ab c"}""", "'ab c' can not be converted to a Blob: Invalid Base64 character: ' '")]
    [InlineData("PutRecord", """{"Data":"AB=="}""", "'AB==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected")]
    [InlineData("PutRecord", """{"Data":"AAB="}""", "'AAB=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected")]
    [InlineData("PutRecord", """{"Data":"===="}""", "'====' can not be converted to a Blob: Invalid last non-pad Base64 character dectected")]
    [InlineData("GetShardIterator", """{"Timestamp":true}""", "class java.lang.Boolean can not be converted to milliseconds since epoch")]
    [InlineData("GetShardIterator", """{"Timestamp":"now"}""", "class java.lang.String can not be converted to milliseconds since epoch")]
    [InlineData("GetShardIterator", """{"Timestamp":[]}""", "Start of list found where not expected")]
    [InlineData("PutRecords", """{"Records":1}""", "Expected list or null")]
    [InlineData("PutRecords", """{"Records":"x"}""", "Expected list or null")]
    [InlineData("PutRecords", """{"Records":false}""", "Expected list or null")]
    [InlineData("PutRecords", """{"Records":{}}""", "Start of structure or map found where not expected.")]
    [InlineData("PutRecords", """{"Records":[1]}""", "Expected null")]
    [InlineData("PutRecords", """{"Records":[[]]}""", "Start of list found where not expected")]
    [InlineData("AddTagsToStream", """{"Tags":"x"}""", "Expected map or null")]
    [InlineData("AddTagsToStream", """{"Tags":[]}""", "Start of list found where not expected")]
    [InlineData("AddTagsToStream", """{"Tags":{"a":1}}""", Number + " can not be converted to an String")]
    [InlineData("RemoveTagsFromStream", """{"TagKeys":[true]}""", "class java.lang.Boolean can not be converted to an String")]
    [InlineData("ListShards", """{"ShardFilter":1}""", "Expected null")]
    [InlineData("ListShards", """{"ShardFilter":"x"}""", "Expected null")]
    [InlineData("ListShards", """{"ShardFilter":[]}""", "Start of list found where not expected")]
    [InlineData("ListShards", """{"ShardFilter":{"Timestamp":"x"}}""", "class java.lang.String can not be converted to milliseconds since epoch")]
    [InlineData("CreateStream", """{"StreamModeDetails":{"StreamMode":1}}""", Number + " can not be converted to an String")]
    public void A_value_of_the_wrong_kind_is_a_serialization_error(string operation, string body, string text)
    {
        var error = Check(operation, body);
        Assert.Equal(new KinesisError("SerializationException", text, 400, MessageIsCapital: true), error);
    }

    [Fact]
    public void The_first_wrong_member_in_declaration_order_decides()
    {
        // StreamName is declared before Data, Data before PartitionKey; the body has them the other way round.
        Assert.Equal(
            "class java.lang.Boolean can not be converted to an String",
            Check("PutRecord", """{"PartitionKey":[],"Data":1,"StreamName":true}""")!.Message);
        Assert.Equal(Number + " can not be converted to a Blob", Check("PutRecord", """{"PartitionKey":[],"Data":1}""")!.Message);
        Assert.Equal(
            "class java.lang.Boolean can not be converted to a Blob",
            Check("PutRecords", """{"Records":[{"Data":""},{"PartitionKey":1,"Data":true}]}""")!.Message);
    }

    [Fact]
    public void Types_are_checked_before_constraints() =>
        Assert.Equal("SerializationException", Check("PutRecord", """{"StreamName":"","DryRun":2}""")!.Code);

    [Theory]
    [InlineData("DescribeStream", """{"StreamName":"s","Limit":10.0,"Unknown":{"a":[1]}}""")]
    [InlineData("DescribeStream", """{"StreamName":"s","Limit":1e1}""")]
    [InlineData("DescribeStream", """{"StreamName":"s","Limit":null,"StreamARN":null}""")]
    [InlineData("DeleteStream", """{"StreamName":"s","EnforceConsumerDeletion":"YES"}""")]
    [InlineData("PutRecord", """{"StreamName":"s","Data":""}""")]
    [InlineData("GetShardIterator", """{"ShardId":"0","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1.441215410867E9}""")]
    public void What_the_service_converts_is_not_refused(string operation, string body) => Assert.Null(Check(operation, body));

    [Fact]
    public void Values_that_only_CBOR_can_carry_are_checked_too()
    {
        var data = WireValue.Map(new() { ["Data"] = WireValue.Blob([1, 2]), ["StreamName"] = WireValue.String("s") });
        Assert.Null(RequestValidation.Check(KinesisOperation.PutRecord.Shape, data));
        var time = WireValue.Map(new()
        {
            ["ShardId"] = WireValue.String("0"), ["ShardIteratorType"] = WireValue.String("LATEST"), ["Timestamp"] = WireValue.Timestamp(5),
        });
        Assert.Null(RequestValidation.Check(KinesisOperation.GetShardIterator.Shape, time));
        var name = WireValue.Map(new() { ["StreamName"] = WireValue.Blob([1]) });
        Assert.Equal("SerializationException", RequestValidation.Check(KinesisOperation.DescribeStream.Shape, name)!.Code);
    }

    [Fact]
    public void The_text_s_member_is_written_with_a_capital()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Check("PutRecords", """{"Records":1}""")!.Write(new JsonWireWriter(output));
        Assert.Equal("""{"__type":"SerializationException","Message":"Expected list or null"}""", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    private static KinesisError? Check(string operation, string body)
    {
        Assert.True(JsonWireReader.TryRead(Encoding.UTF8.GetBytes(body), out var value));
        return RequestValidation.Check(ServiceModel.Kinesis.Operations[operation], value);
    }
}
