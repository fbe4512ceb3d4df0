using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Amazon.Runtime;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Client.Tests.Http;

/// <summary>A client that writes CBOR, and reads what it gets for it.</summary>
public sealed class EncodingTests
{
    private const string Cbor = "application/x-amz-cbor-1.1";

    private byte[] _sent = [];
    private string? _contentType;
    private string? _authorization;

    [Fact]
    public async Task A_CBOR_request_is_the_message_in_CBOR_signed_with_its_type()
    {
        var request = new PutRecordRequest { StreamName = "s", PartitionKey = "k", Data = new byte[] { 0, 0xFF } };
        using var client = Client(Answer(HttpStatusCode.OK, Cbor, Written(new PutRecordResponse { SequenceNumber = "7", ShardId = "x" }.Write)));

        var response = await client.PutRecordAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("7", response.SequenceNumber);
        Assert.Equal(Written(request.Write), _sent);
        Assert.Equal(Cbor, _contentType);
        Assert.Contains("SignedHeaders=content-type;host;", _authorization, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_come_back_with_their_bytes_and_their_time_in_milliseconds()
    {
        var arrival = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_100_987);
        var page = new GetRecordsResponse
        {
            Records = [new() { SequenceNumber = "1", Data = new byte[] { 1, 2 }, PartitionKey = "k", ApproximateArrivalTimestamp = arrival }],
            MillisBehindLatest = 0,
        };
        using var client = Client(Answer(HttpStatusCode.OK, Cbor, Written(page.Write)));

        var response = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = "i" }, TestContext.Current.CancellationToken);

        var record = Assert.Single(response.Records!);
        Assert.Equal([1, 2], record.Data!.Value.ToArray());
        Assert.Equal(arrival, record.ApproximateArrivalTimestamp);
    }

    [Theory]
    [InlineData(Cbor)]
    [InlineData(null)]
    public async Task A_refusal_in_CBOR_is_read(string? contentType)
    {
        var error = new KinesisError("ResourceNotFoundException", "Stream s not found.");
        using var client = Client(Answer(HttpStatusCode.BadRequest, contentType, Written(error.Write)));

        var exception = await Assert.ThrowsAsync<KinesisResourceNotFoundException>(
            () => client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = "s" }, TestContext.Current.CancellationToken));
        Assert.Equal("Stream s not found.", exception.Message);
    }

    [Fact]
    public async Task An_answer_in_JSON_to_a_CBOR_request_is_read()
    {
        using var client = Client(Answer(
            HttpStatusCode.BadRequest, "application/x-amz-json-1.1", """{"__type":"ResourceInUseException","message":"Busy."}"""u8.ToArray()));

        var exception = await Assert.ThrowsAsync<KinesisResourceInUseException>(
            () => client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = "s" }, TestContext.Current.CancellationToken));
        Assert.Equal("Busy.", exception.Message);
    }

    [Fact]
    public async Task What_is_no_CBOR_is_no_Kinesis()
    {
        using var client = Client(Answer(HttpStatusCode.OK, "text/html", "<html>"u8.ToArray()));

        var exception = await Assert.ThrowsAsync<KinesisConnectionException>(
            () => client.ListStreamsAsync(new ListStreamsRequest(), TestContext.Current.CancellationToken));
        Assert.Equal(KinesisConnectionFailure.NotKinesis, exception.Reason);
    }

    private KinesisClient Client(Func<HttpResponseMessage> answer) => new(new KinesisClientOptions
    {
        Endpoint = new Uri("http://127.0.0.1:4567"),
        Region = "us-east-1",
        Credentials = new BasicAWSCredentials("a", "b"),
        Encoding = KinesisEncoding.Cbor,
        MaxAttempts = 1,
        MessageHandler = new ScriptedServer(request =>
        {
            using var body = new MemoryStream();
            request.Content!.CopyTo(body, null, CancellationToken.None);
            _sent = body.ToArray();
            _contentType = request.Content.Headers.ContentType?.ToString();
            _authorization = request.Headers.NonValidated["Authorization"].ToString();
            return answer();
        }),
    });

    private static Func<HttpResponseMessage> Answer(HttpStatusCode status, string? contentType, byte[] body) => () =>
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return response;
    };

    private static byte[] Written(Action<WireWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(WireCodec.Cbor.CreateWriter(output));
        return output.WrittenSpan.ToArray();
    }
}
