using System.Buffers;
using System.Text;
using Weir.Model;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Ladder;

/// <summary>The records that every rung works on, and the requests that carry them. The same in every run.</summary>
public static class Workload
{
    /// <summary>Bytes of a record's data.</summary>
    public const int RecordBytes = 1024;

    /// <summary>Records of a PutRecords: as many as it may have.</summary>
    public const int BatchRecords = 500;

    /// <summary>Records of a page: 1 MB, a tenth of the largest, so that a round stays short.</summary>
    public const int PageRecords = 1000;

    /// <summary>Shards of the stream that is written to.</summary>
    public const int Shards = 16;

    /// <summary>The stream that is written to.</summary>
    public const string Stream = "ladder";

    /// <summary>The stream of one shard that is read.</summary>
    public const string PageStream = "pages";

    /// <summary>The stream of one shard that is subscribed to.</summary>
    public const string EventStream = "events";

    /// <summary>The data of each record.</summary>
    public static byte[][] Data { get; } = MakeData();

    /// <summary>The partition key of each record, in UTF-8.</summary>
    public static byte[][] Keys { get; } = [.. Enumerable.Range(0, BatchRecords).Select(number => Encoding.UTF8.GetBytes($"key-{number}"))];

    /// <summary>The body of a PutRecord.</summary>
    public static byte[] PutRecord(WireCodec codec, string stream)
    {
        var body = new ArrayBufferWriter<byte>();
        new PutRecordRequest { StreamName = stream, Data = Data[0], PartitionKey = KeyText(0) }.Write(codec.CreateWriter(body));
        return body.WrittenSpan.ToArray();
    }

    /// <summary>The body of a PutRecords.</summary>
    public static byte[] PutRecords(WireCodec codec, string stream)
    {
        var body = new ArrayBufferWriter<byte>();
        var entries = Data.Select((data, i) => new PutRecordsRequestEntry { Data = data, PartitionKey = KeyText(i) }).ToArray();
        new PutRecordsRequest { StreamName = stream, Records = entries }.Write(codec.CreateWriter(body));
        return body.WrittenSpan.ToArray();
    }

    /// <summary>How a wire is called.</summary>
    public static string NameOf(WireCodec codec) => codec == WireCodec.Cbor ? "cbor" : "json";

    private static string KeyText(int number) => Encoding.UTF8.GetString(Keys[number]);

    private static byte[][] MakeData()
    {
        var random = new Random(20260101);
        var data = new byte[BatchRecords][];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = new byte[RecordBytes];
            random.NextBytes(data[i]);
        }

        return data;
    }
}
