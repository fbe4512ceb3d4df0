using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Weir.Conformance.Http;

/// <summary>A subscription as any client sees it: the answer's head, then frames one by one (spec section 8).</summary>
internal sealed class EventFrames : IDisposable
{
    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;

    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly Stream _frames;

    private EventFrames(HttpClient client, HttpResponseMessage response, Stream frames) => (_client, _response, _frames) = (client, response, frames);

    public HttpStatusCode Status => _response.StatusCode;

    public string? ContentType => _response.Content.Headers.ContentType?.MediaType;

    /// <summary>Subscribes with a JSON request over HTTP/1.1 and returns as soon as the answer begins.</summary>
    public static async Task<EventFrames> SubscribeAsync(Uri endpoint, object input)
    {
        var client = new HttpClient { BaseAddress = endpoint };
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(input));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(KinesisHttp.JsonType);
        var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content };
        request.Headers.TryAddWithoutValidation("X-Amz-Target", KinesisHttp.TargetPrefix + "SubscribeToShard");
        request.Headers.TryAddWithoutValidation("Authorization", KinesisHttp.Authorization);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return new EventFrames(client, response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The whole body of a refusal.</summary>
    public async Task<JsonElement> RefusalAsync() => await JsonSerializer.DeserializeAsync<JsonElement>(_frames, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The next frame's headers and payload, or null at the clean end.</summary>
    public async Task<(Dictionary<string, string> Headers, JsonElement Payload)?> NextAsync()
    {
        var prelude = new byte[PreludeBytes];
        if (await _frames.ReadAtLeastAsync(prelude, PreludeBytes, throwOnEndOfStream: false, TestContext.Current.CancellationToken) == 0)
            return null;
        var rest = new byte[BinaryPrimitives.ReadInt32BigEndian(prelude) - PreludeBytes];
        await _frames.ReadExactlyAsync(rest, TestContext.Current.CancellationToken);
        var headerBytes = BinaryPrimitives.ReadInt32BigEndian(prelude.AsSpan(4));
        var payload = rest.AsSpan()[headerBytes..^ChecksumBytes];
        return (ReadHeaders(rest.AsSpan(0, headerBytes)), JsonSerializer.Deserialize<JsonElement>(payload));
    }

    public void Dispose()
    {
        _response.Dispose();
        _client.Dispose();
    }

    private static Dictionary<string, string> ReadHeaders(ReadOnlySpan<byte> bytes)
    {
        var headers = new Dictionary<string, string>();
        while (!bytes.IsEmpty)
        {
            var name = Encoding.ASCII.GetString(bytes.Slice(1, bytes[0]));
            bytes = bytes[(1 + name.Length + 1)..];
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            headers.Add(name, Encoding.UTF8.GetString(bytes.Slice(2, length)));
            bytes = bytes[(2 + length)..];
        }

        return headers;
    }
}
