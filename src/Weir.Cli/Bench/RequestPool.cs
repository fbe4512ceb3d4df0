using System.Buffers;
using System.Globalization;
using System.Text;
using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench;

/// <summary>Whole HTTP requests, made before the measurement: what a request costs the generator is then sending it.</summary>
/// <remarks>Without a signer the signature is made up; a server that verifies signatures refuses it. A real one is good for five minutes.</remarks>
internal sealed class RequestPool
{
    // Enough different bodies for every key, but not more memory than this.
    private const int MaxPoolBytes = 64 * 1024 * 1024;

    private readonly byte[][] _requests;

    /// <summary>Makes the requests.</summary>
    /// <param name="plan">What to send.</param>
    /// <param name="endpoint">Where to: the host is signed.</param>
    /// <param name="seed">Of the data.</param>
    /// <param name="signer">Signs them, or null.</param>
    public RequestPool(LoadPlan plan, Uri endpoint, int seed, LoadSigner? signer = null)
    {
        var random = new Random(seed);
        var estimate = (plan.RecordBytes * 4 / 3 * plan.Batch) + 1024;
        var wanted = (int)Math.Ceiling((double)plan.Keys / plan.Batch);
        _requests = new byte[Math.Clamp(wanted, 1, Math.Max(2, MaxPoolBytes / estimate))][];
        var nextKey = 0;
        for (var i = 0; i < _requests.Length; i++)
            _requests[i] = WithHeaders(plan, endpoint, plan.Batch == 1 ? KinesisOperation.PutRecord : KinesisOperation.PutRecords, Body(plan, random, ref nextKey), signer);
    }

    /// <summary>Number of different requests.</summary>
    public int Count => _requests.Length;

    /// <summary>The request that goes as the so many-th.</summary>
    public ReadOnlyMemory<byte> Request(long number) => _requests[number % _requests.Length];

    /// <summary>A signature that says the region and otherwise nothing true; a server that verifies signatures refuses it.</summary>
    public static string MadeUpSignature(string region) =>
        $"AWS4-HMAC-SHA256 Credential=weir/20260101/{region}/kinesis/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={new string('0', 64)}";

    /// <summary>A whole request with another body, its signature made up.</summary>
    public static byte[] Whole(LoadPlan plan, Uri endpoint, KinesisOperation operation, byte[] body) => WithHeaders(plan, endpoint, operation, body, signer: null);

    private static byte[] Body(LoadPlan plan, Random random, ref int nextKey)
    {
        var body = new ArrayBufferWriter<byte>();
        var writer = plan.Codec.CreateWriter(body);
        if (plan.Batch == 1)
        {
            new PutRecordRequest { StreamName = plan.Stream, Data = Data(plan, random), PartitionKey = plan.Key(nextKey++) }.Write(writer);
            return body.WrittenSpan.ToArray();
        }

        var entries = new PutRecordsRequestEntry[plan.Batch];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new PutRecordsRequestEntry { Data = Data(plan, random), PartitionKey = plan.Key(nextKey++) };
        new PutRecordsRequest { StreamName = plan.Stream, Records = entries }.Write(writer);
        return body.WrittenSpan.ToArray();
    }

    private static byte[] WithHeaders(LoadPlan plan, Uri endpoint, KinesisOperation operation, byte[] body, LoadSigner? signer)
    {
        var signature = signer?.Sign(endpoint, plan.Codec.ContentType, operation.Target, body) ?? (Time: "20260101T000000Z", Authorization: MadeUpSignature(plan.Region));
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST / HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: {plan.Codec.ContentType}\r\nX-Amz-Target: {operation.Target}\r\n"
            + $"X-Amz-Date: {signature.Time}\r\nAuthorization: {signature.Authorization}\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    // By chance, so that nothing on the way can compress it.
    private static byte[] Data(LoadPlan plan, Random random)
    {
        var data = new byte[plan.RecordBytes];
        random.NextBytes(data);
        return data;
    }
}
