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
        NotYet.SkipWithoutCbor();
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
        NotYet.SkipWithoutCbor();
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
        NotYet.SkipWithoutCbor();
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

    private static Dictionary<string, object?> Decode(byte[] cbor)
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

    private sealed record Tagged(CborTag Tag, object? Value);
}
