using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Weir.Conformance.Http;

namespace Weir.Conformance.Compatibility;

/// <summary>Requests written by hand, in one encoding over one version of HTTP. It reads answers by the service model and takes no liberty.</summary>
internal sealed class RawTourClient(Uri endpoint, WireBody encoding, Version version) : ITourClient
{
    private const string EventStreamType = "application/vnd.amazon.eventstream";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = endpoint, Timeout = Patience };

    public async Task<TourAnswer> CallAsync(TourCall call)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var response = await SendAsync(call.Operation, call.Input, patience.Token);
        var type = response.Content.Headers.ContentType?.ToString();
        if (response.StatusCode == HttpStatusCode.OK && type == EventStreamType)
            return new TourAnswer.Output(await ReadEventsAsync(response, TourValue.AsBlob(call.ReadUntil)!, patience.Token));
        if (type != encoding.ContentType)
            throw new InvalidDataException($"{call.Operation} was answered as {type ?? "nothing"}, asked as {encoding.ContentType}.");
        var body = encoding.Read(await response.Content.ReadAsByteArrayAsync(patience.Token));
        return response.StatusCode == HttpStatusCode.OK
            ? new TourAnswer.Output(ServiceShapes.OfCheckout.ReadOutput(call.Operation, body, encoding.IsTyped))
            : new TourAnswer.Refusal(Text(body["__type"]), Text(body["message"]), (int)response.StatusCode);
    }

    /// <summary>The operations that a server answers as unknown.</summary>
    public async Task<IReadOnlySet<string>> MissingOperationsAsync()
    {
        var missing = new HashSet<string>();
        foreach (var operation in ServiceShapes.OfCheckout.Operations)
        {
            using var response = await SendAsync(operation, [], CancellationToken.None);
            var body = await response.Content.ReadAsByteArrayAsync();
            if (response.StatusCode == HttpStatusCode.BadRequest && Text(encoding.Read(body)["__type"]) == "UnknownOperationException")
                missing.Add(operation);
        }

        return missing;
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Text(JsonNode? value) => value?.GetValue<string>() ?? "";

    private Task<HttpResponseMessage> SendAsync(string operation, JsonObject input, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TryAddWithoutValidation("Authorization", KinesisHttp.Authorization);
        request.Headers.TryAddWithoutValidation("X-Amz-Date", "20260101T000000Z");
        request.Headers.TryAddWithoutValidation("X-Amz-Target", KinesisHttp.TargetPrefix + operation);
        request.Content = new ByteArrayContent(encoding.Write(input));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(encoding.ContentType);
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>The events up to the one with this record; leaving them then is what ends the subscription.</summary>
    private static async Task<JsonObject> ReadEventsAsync(HttpResponseMessage response, byte[] until, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (await EventStreamReader.ReadAsync(stream, cancellationToken) is not { } first || first.Headers[":event-type"] != "initial-response")
            throw new InvalidDataException("The event stream does not begin with the initial response.");
        var events = new JsonArray();
        while (await EventStreamReader.ReadAsync(stream, cancellationToken) is { } message)
        {
            if (message.Headers[":message-type"] != "event")
                throw new InvalidDataException($"An event stream brought {string.Join(", ", message.Headers)}.");
            var body = message.Headers[":content-type"].Contains("cbor", StringComparison.Ordinal) ? WireBody.Cbor : WireBody.Json;
            var received = ServiceShapes.OfCheckout.ReadEvent(message.Headers[":event-type"], body.Read(message.Payload), body.IsTyped);
            events.Add((JsonNode)received);
            if (received["Records"]!.AsArray().Any(record => TourValue.AsBlob(record!["Data"]).AsSpan().SequenceEqual(until)))
                return new JsonObject { ["Events"] = events };
        }

        throw new InvalidDataException($"The event stream ended without the record that was waited for: {events.ToJsonString()}");
    }
}
