using System.Formats.Cbor;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// CBOR as the Java clients speak it. The values of JSON and CBOR differ in two places that emulators get wrong: blobs are
/// byte strings, and timestamps are whole milliseconds under tag 1, in both directions.
/// </summary>
public sealed class CborTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    [Fact]
    public async Task A_record_put_and_read_in_CBOR_keeps_its_bytes_and_its_time_in_milliseconds()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("cbor");
        byte[] data = [0, 1, 0xFE, 0xFF];
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var put = await CallAsync(http, "PutRecord", map =>
        {
            map.WriteStartMap(3);
            Text(map, "StreamName", "cbor");
            Text(map, "PartitionKey", "\u20ac");
            map.WriteTextString("Data");
            map.WriteByteString(data);
            map.WriteEndMap();
        });
        var number = Assert.IsType<string>(put["SequenceNumber"]);

        var iterator = await CallAsync(http, "GetShardIterator", map =>
        {
            map.WriteStartMap(4);
            Text(map, "StreamName", "cbor");
            Text(map, "ShardId", "shardId-000000000000");
            Text(map, "ShardIteratorType", "AT_TIMESTAMP");
            map.WriteTextString("Timestamp");
            map.WriteTag(CborTag.UnixTimeSeconds);
            map.WriteInt64(before - 60_000);
            map.WriteEndMap();
        });
        var page = await CallAsync(http, "GetRecords", map =>
        {
            map.WriteStartMap(1);
            Text(map, "ShardIterator", (string)iterator["ShardIterator"]!);
            map.WriteEndMap();
        });

        var record = Assert.IsType<Dictionary<string, object?>>(Assert.Single(Assert.IsType<List<object?>>(page["Records"])));
        Assert.Equal(data, record["Data"]);
        Assert.Equal("\u20ac", record["PartitionKey"]);
        Assert.Equal(number, record["SequenceNumber"]);
        var arrival = Assert.IsType<Tagged>(record["ApproximateArrivalTimestamp"]);
        Assert.Equal(CborTag.UnixTimeSeconds, arrival.Tag);
        Assert.InRange(Assert.IsType<long>(arrival.Value), before - 1000, before + 60_000);
        Assert.Equal(0L, page["MillisBehindLatest"]);
    }

    [Fact]
    public async Task Byte_strings_and_maps_of_indefinite_length_are_taken()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("cbor-indefinite");
        await CallAsync(http, "PutRecord", map =>
        {
            map.WriteStartMap(null);
            Text(map, "StreamName", "cbor-indefinite");
            Text(map, "PartitionKey", "k");
            map.WriteTextString("Data");
            map.WriteStartIndefiniteLengthByteString();
            map.WriteByteString([1, 2]);
            map.WriteByteString([3]);
            map.WriteEndIndefiniteLengthByteString();
            map.WriteEndMap();
        });
        var record = Assert.Single(await http.ReadAllAsync("cbor-indefinite"));
        Assert.Equal([1, 2, 3], record.GetProperty("Data").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_refusal_is_a_CBOR_map()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await SendAsync(http, "DescribeStream", map =>
        {
            map.WriteStartMap(1);
            Text(map, "StreamName", "absent");
            map.WriteEndMap();
        });
        Assert.Equal(400, (int)reply.Status);
        Assert.Equal(KinesisHttp.CborType, reply.Header("Content-Type"));
        var error = Decode(reply.Body);
        Assert.Equal("ResourceNotFoundException", error["__type"]);
        Assert.Equal("Stream absent under account 000000000000 not found.", error["message"]);
    }

    [Theory]
    [InlineData("ListShards", "BF6A53747265616D4E616D6501FF", "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String")]
    [InlineData("ListShards", "A16A53747265616D4E616D6580", "Start of list found where not expected")]
    [InlineData("PutRecord", "A16444617461F5", "class java.lang.Boolean can not be converted to a Blob")]
    [InlineData("PutRecords", "A1675265636F7264736178", "Expected list or null")]
    public async Task A_wrong_kind_is_refused_with_the_text_of_JSON(string operation, string hex, string text)
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var reply = await http.SendAsync(HttpMethod.Post, Convert.FromHexString(hex), KinesisHttp.CborType, KinesisHttp.TargetPrefix + operation);
        Assert.Equal(400, (int)reply.Status);
        var error = Decode(reply.Body);
        Assert.Equal("SerializationException", error["__type"]);
        Assert.Equal(text, error["Message"]);
        Assert.Equal(2, error.Count);
    }

    [Fact]
    public async Task An_operation_without_output_answers_with_an_empty_body_of_its_type()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        var body = CborText.FromJson("""{"StreamName":"cbor-no-output","ShardCount":1}""");
        var reply = (await http.SendAsync(HttpMethod.Post, body, KinesisHttp.CborType, KinesisHttp.TargetPrefix + "CreateStream")).Succeeded();
        Assert.Empty(reply.Body);
        Assert.Equal("0", reply.Header("Content-Length"));
        Assert.Equal(KinesisHttp.CborType, reply.Header("Content-Type"));
    }

    [Fact]
    public async Task A_description_has_its_time_in_milliseconds()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("cbor-time");
        var summary = await CallAsync(http, "DescribeStreamSummary", """{"StreamName":"cbor-time"}""");
        var description = Assert.IsType<Dictionary<string, object?>>(summary["StreamDescriptionSummary"]);
        var created = Assert.IsType<Tagged>(description["StreamCreationTimestamp"]);
        Assert.InRange(Assert.IsType<long>(created.Value), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 600_000, long.MaxValue);
        Assert.Equal(1L, description["OpenShardCount"]);
    }

    [Fact]
    public async Task A_batch_is_answered_entry_by_entry_and_comes_back_byte_for_byte()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("cbor-batch");
        var batch = await CallAsync(http, "PutRecords", """
            {"StreamName":"cbor-batch","Unknown":{"a":[1,null]},"Records":[
                {"Data":"AAEC","PartitionKey":"a"},
                {"Data":"","PartitionKey":"b","ExplicitHashKey":"7"}]}
            """);
        Assert.Equal(0L, batch["FailedRecordCount"]);
        var entries = Assert.IsType<List<object?>>(batch["Records"]).Cast<Dictionary<string, object?>>().ToList();
        Assert.All(entries, entry => Assert.Equal(["SequenceNumber", "ShardId"], entry.Keys.Order(StringComparer.Ordinal)));

        var iterator = await CallAsync(
            http, "GetShardIterator", """{"StreamName":"cbor-batch","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}""");
        var reply = (await SendAsync(http, "GetRecords", map =>
        {
            map.WriteStartMap(1);
            Text(map, "ShardIterator", (string)iterator["ShardIterator"]!);
            map.WriteEndMap();
        })).Succeeded();

        var records = Assert.IsType<List<object?>>(Decode(reply.Body)["Records"]).Cast<Dictionary<string, object?>>().ToList();
        Assert.Equal(entries.Select(entry => entry["SequenceNumber"]), records.Select(record => record["SequenceNumber"]));
        Assert.Equal([[0, 1, 2], []], records.Select(record => (byte[])record["Data"]!));
        // On the wire: the name, then tag 1 and an unsigned integer of eight bytes.
        byte[] time = [0x78, 27, .. "ApproximateArrivalTimestamp"u8, 0xC1, 0x1B];
        Assert.True(reply.Body.AsSpan().IndexOf(time) > 0, Convert.ToHexString(reply.Body));
    }

    [Fact]
    public async Task Ten_mebibytes_of_data_are_taken_in_one_request()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync("cbor-large");
        var reply = (await SendAsync(http, "PutRecords", map =>
        {
            map.WriteStartMap(2);
            Text(map, "StreamName", "cbor-large");
            map.WriteTextString("Records");
            map.WriteStartArray(10);
            for (var i = 0; i < 10; i++)
            {
                map.WriteStartMap(2);
                Text(map, "PartitionKey", "k");
                map.WriteTextString("Data");
                map.WriteByteString(new byte[(1024 * 1024) - 1]);
                map.WriteEndMap();
            }

            map.WriteEndArray();
            map.WriteEndMap();
        })).Succeeded();
        Assert.Equal(0L, Decode(reply.Body)["FailedRecordCount"]);
        Assert.Equal(10, (await http.ReadAllAsync("cbor-large")).Count);
    }

    private static async Task<Dictionary<string, object?>> CallAsync(KinesisHttp http, string operation, string json)
    {
        var reply = await http.SendAsync(HttpMethod.Post, CborText.FromJson(json), KinesisHttp.CborType, KinesisHttp.TargetPrefix + operation);
        return Decode(reply.Succeeded().Body);
    }

    private static void Text(CborWriter map, string name, string value)
    {
        map.WriteTextString(name);
        map.WriteTextString(value);
    }

    private static Task<KinesisReply> SendAsync(KinesisHttp http, string operation, Action<CborWriter> write)
    {
        var writer = new CborWriter();
        write(writer);
        return http.SendAsync(HttpMethod.Post, writer.Encode(), KinesisHttp.CborType, KinesisHttp.TargetPrefix + operation);
    }

    private static async Task<Dictionary<string, object?>> CallAsync(KinesisHttp http, string operation, Action<CborWriter> write)
    {
        var reply = (await SendAsync(http, operation, write)).Succeeded();
        Assert.Equal(KinesisHttp.CborType, reply.Header("Content-Type"));
        return Decode(reply.Body);
    }

    internal static Dictionary<string, object?> Decode(byte[] cbor)
    {
        var reader = new CborReader(cbor);
        var value = Assert.IsType<Dictionary<string, object?>>(ReadValue(reader));
        Assert.Equal(0, reader.BytesRemaining);
        return value;
    }

    private static object? ReadValue(CborReader reader)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.StartMap:
                var map = new Dictionary<string, object?>();
                reader.ReadStartMap();
                while (reader.PeekState() != CborReaderState.EndMap)
                    map.Add(reader.ReadTextString(), ReadValue(reader));
                reader.ReadEndMap();
                return map;
            case CborReaderState.StartArray:
                var list = new List<object?>();
                reader.ReadStartArray();
                while (reader.PeekState() != CborReaderState.EndArray)
                    list.Add(ReadValue(reader));
                reader.ReadEndArray();
                return list;
            case CborReaderState.Tag:
                var tag = reader.ReadTag();
                return new Tagged(tag, ReadValue(reader));
            case CborReaderState.ByteString or CborReaderState.StartIndefiniteLengthByteString:
                return reader.ReadByteString();
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                return reader.ReadInt64();
            case CborReaderState.Boolean:
                return reader.ReadBoolean();
            case CborReaderState.TextString or CborReaderState.StartIndefiniteLengthTextString:
                return reader.ReadTextString();
            case var other:
                throw new InvalidDataException($"A {other} has no place in a Kinesis answer.");
        }
    }

    internal sealed record Tagged(CborTag Tag, object? Value);
}
