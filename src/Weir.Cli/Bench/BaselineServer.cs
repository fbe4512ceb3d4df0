using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Model;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench;

/// <summary>
/// The yardstick: a Kestrel endpoint that does what every server of this API has to do with a put before it does anything of its
/// own. It reads the body, parses it, decodes the data, hashes the keys, and answers a constant of the right shape.
/// </summary>
internal static class BaselineServer
{
    private const string SequenceNumber = "49680454309955584414941633652657749737336971294664556546";

    /// <summary>Starts it on a free port.</summary>
    public static Task<WebApplication> StartAsync() => StartAsync(AnswerAsync);

    /// <summary>Starts a Kestrel of the same make with another answer.</summary>
    public static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync().ConfigureAwait(false);
        return app;
    }

    /// <summary>Where it listens.</summary>
    public static Uri EndpointOf(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static async Task AnswerAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        var batch = http.Request.Headers["X-Amz-Target"].ToString().EndsWith("PutRecords", StringComparison.Ordinal);
        var cbor = http.Request.ContentType == WireCodec.Cbor.ContentType;
        int records;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted).ConfigureAwait(false);
            if (read.IsCompleted)
            {
                records = cbor ? ExamineCbor(read.Buffer, batch) : Examine(read.Buffer);
                reader.AdvanceTo(read.Buffer.End);
                break;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        // The answer is the same text for both: it is a constant of the right size, and the generator reads either.
        http.Response.ContentType = WireCodec.Json.ContentType;
        Answer(http.Response, batch ? records : null);
    }

    // There is no framework's reader of CBOR that works without copies; the server's own is the least that a server can do.
    private static int ExamineCbor(in ReadOnlySequence<byte> body, bool batch)
    {
        var rented = body.IsSingleSegment ? null : ArrayPool<byte>.Shared.Rent((int)body.Length);
        if (rented is not null)
            body.CopyTo(rented);
        var bytes = rented is null ? body.FirstSpan : rented.AsSpan(0, (int)body.Length);
        using var request = PutRequest.Rent();
        var whole = batch ? WireCodec.Cbor.TryReadPutRecords(bytes, request) : WireCodec.Cbor.TryReadPutRecord(bytes, request);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        var records = 0;
        for (var i = 0; whole && i < request.Count; i++)
            records += request.HashKey(i) >= HashKey.Min ? 1 : 0;
        return records;
    }

    // Returns the number of records.
    private static int Examine(in ReadOnlySequence<byte> body)
    {
        var json = new Utf8JsonReader(body);
        var records = 0;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
                continue;
            var isData = json.ValueTextEquals("Data"u8);
            var isKey = json.ValueTextEquals("PartitionKey"u8);
            json.Read();
            if (isData)
                Decode(ref json);
            else if (isKey)
                records += Hash(json.HasValueSequence ? json.ValueSequence.ToArray() : json.ValueSpan);
        }

        return records;
    }

    // By the framework, always: a yardstick does not get shorter with what it measures.
    private static int Hash(ReadOnlySpan<byte> key)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // Kinesis places records by it; it protects nothing.
        return MD5.HashData(key, digest) > 0 ? 1 : 0;
#pragma warning restore CA5351
    }

    private static void Decode(ref Utf8JsonReader json)
    {
        var length = json.HasValueSequence ? (int)json.ValueSequence.Length : json.ValueSpan.Length;
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        if (json.HasValueSequence)
            json.ValueSequence.CopyTo(bytes);
        else
            json.ValueSpan.CopyTo(bytes);
        Base64.DecodeFromUtf8InPlace(bytes.AsSpan(0, length), out _);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static void Answer(HttpResponse response, int? records)
    {
        const string Single = $$"""{"ShardId":"shardId-000000000000","SequenceNumber":"{{SequenceNumber}}"}""";
        const string Head = """{"FailedRecordCount":0,"Records":[""";
        var entry = Encoding.ASCII.GetBytes($$"""{"SequenceNumber":"{{SequenceNumber}}","ShardId":"shardId-000000000000"}""");
        var output = response.BodyWriter;
        if (records is not { } count)
        {
            response.ContentLength = Single.Length;
            Encoding.ASCII.GetBytes(Single, output);
            return;
        }

        response.ContentLength = Head.Length + (count * entry.Length) + Math.Max(0, count - 1) + 2;
        Encoding.ASCII.GetBytes(Head, output);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write(entry);
        }

        output.Write("]}"u8);
    }
}
