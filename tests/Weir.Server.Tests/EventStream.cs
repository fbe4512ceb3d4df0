using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Weir.Protocol.EventStream;
using Weir.Protocol.Wire;

namespace Weir.Server.Tests;

/// <summary>An answer of SubscribeToShard as a client reads it: message by message, when it is asked for one.</summary>
internal sealed class EventStream : IDisposable
{
    // Real time: only a server that hangs lets it pass.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly Stream _stream;
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    private EventStream(HttpClient client, HttpResponseMessage response, Stream stream) => (_client, _response, _stream) = (client, response, stream);

    public HttpResponseMessage Response => _response;

    /// <summary>Subscribes; the answer's head has come.</summary>
    public static async Task<EventStream> OpenAsync(Uri endpoint, byte[] input, Version? version = null, WireCodec? codec = null)
    {
        var client = new HttpClient { BaseAddress = endpoint, Timeout = Timeout.InfiniteTimeSpan };
        using var content = new ByteArrayContent(input);
        content.Headers.ContentType = new MediaTypeHeaderValue((codec ?? WireCodec.Json).ContentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = content, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Version = version ?? HttpVersion.Version11;
        request.Headers.Add("X-Amz-Target", "Kinesis_20131202.SubscribeToShard");
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        return new EventStream(client, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The answer to a refused subscription, which is an ordinary one.</summary>
    public async Task<KinesisReply> ReplyAsync()
    {
        using var body = new MemoryStream();
        await _stream.CopyToAsync(body).WaitAsync(Patience);
        return new KinesisReply(_response.StatusCode, body.ToArray());
    }

    /// <summary>The next message, or null at the end of the answer.</summary>
    public async Task<EventStreamMessage?> NextAsync()
    {
        while (true)
        {
            var status = EventStreamFrame.TryRead(_bytes.AsMemory(0, _length), out var message, out var needed);
            Assert.NotEqual(EventStreamStatus.Damaged, status);
            if (status == EventStreamStatus.Complete)
            {
                message = message with { Payload = message.Payload.ToArray() };
                _bytes.AsSpan(needed, _length - needed).CopyTo(_bytes);
                _length -= needed;
                return message;
            }

            if (needed > _bytes.Length)
                Array.Resize(ref _bytes, needed);
            var read = await _stream.ReadAsync(_bytes.AsMemory(_length)).AsTask().WaitAsync(Patience);
            if (read == 0)
            {
                Assert.Equal(0, _length);
                return null;
            }

            _length += read;
        }
    }

    /// <summary>The next message, which must be an event with records or without.</summary>
    public async Task<ShardEvent> EventAsync()
    {
        var message = await NextAsync();
        Assert.NotNull(message);
        Assert.Equal("SubscribeToShardEvent", message.Value.Headers[EventStreamHeaders.EventType]);
        return new ShardEvent(JsonDocument.Parse(message.Value.Payload).RootElement);
    }

    /// <summary>The next message, which must be an exception, and the end behind it.</summary>
    public async Task<(string? Type, string? Message)> ExceptionAsync()
    {
        var message = await NextAsync();
        Assert.NotNull(message);
        Assert.Equal("exception", message.Value.Headers[EventStreamHeaders.MessageType]);
        Assert.Null(await NextAsync());
        var payload = JsonDocument.Parse(message.Value.Payload).RootElement;
        Assert.Equal("message", Assert.Single(payload.EnumerateObject()).Name);
        return (message.Value.Headers[EventStreamHeaders.ExceptionType], payload.GetProperty("message").GetString());
    }

    public void Dispose()
    {
        _response.Dispose();
        _client.Dispose();
    }
}

/// <summary>An event of a subscription.</summary>
internal sealed record ShardEvent(JsonElement Json)
{
    public JsonElement[] Records => [.. Json.GetProperty("Records").EnumerateArray()];

    /// <summary>The records' data, put as text.</summary>
    public string[] Texts => [.. Records.Select(record => Encoding.UTF8.GetString(record.GetProperty("Data").GetBytesFromBase64()))];

    public string? Continuation => Json.TryGetProperty("ContinuationSequenceNumber", out var number) ? number.GetString() : null;

    public long MillisBehindLatest => Json.GetProperty("MillisBehindLatest").GetInt64();

    public JsonElement[]? Children => Json.TryGetProperty("ChildShards", out var children) ? [.. children.EnumerateArray()] : null;
}
