using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Wire;
using Weir.Server.Metrics;
using Weir.Server.Operations;
using Weir.Server.Security;
using Weir.Streams;

namespace Weir.Server.Http;

/// <summary>Examines each request in the order of spec section 2.5, runs its operation and sends the answer.</summary>
/// <param name="engine">What the operations work on.</param>
/// <param name="authentication">Says for whom and in which region a request works.</param>
/// <param name="admission">What stands between a valid request and its operation.</param>
/// <param name="memory">Bounds what requests and answers hold.</param>
/// <param name="metrics">Counts what requests come to.</param>
/// <param name="stopping">Cancelled when the server begins to stop: answers that last come to their end.</param>
/// <param name="logger">Where failures are told.</param>
internal sealed partial class KinesisEndpoint(
    StreamEngine engine, Authentication authentication, Admission admission, ServerMemory memory, ServerMetrics metrics, CancellationToken stopping,
    ILogger<KinesisEndpoint> logger)
{
    private const string PlainJsonContentType = "application/json";

    // What Kestrel buffers for a connection (KestrelServerLimits.MaxResponseBufferSize): of a larger piece it would keep a second copy,
    // and give a client that has stopped reading the time for all of it at the lowest rate: hours for the largest answer, not minutes.
    public const int PieceBytes = 64 * 1024;

    /// <summary>Handles one request. Never throws but for a connection that is gone.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var codec = WireCodec.Find(MediaType(http.Request.ContentType));
        KinesisOperation.TryParseTarget(Target(http), out var operation);
        var began = metrics.Requests.Begin();
        var answered = false;
        try
        {
            var limit = codec == WireCodec.Cbor ? KinesisLimits.MaxCborBodyBytes : KinesisLimits.MaxJsonBodyBytes;
            using var body = await RequestBody.ReadAsync(http.Request, limit, memory.BudgetOf(http.Request.ContentLength)).ConfigureAwait(false);
            if (!IsQuick(operation, body))
                await PoolThread.Enter();
            http.Response.Headers["x-amzn-RequestId"] = RequestIds.NewRequestId();
            await ExamineInTurnAsync(http, codec, operation, body).ConfigureAwait(false);
            answered = true;
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            // The body came too slowly. Whoever sends it may still listen.
            http.Response.Headers.Connection = "close";
            await SendErrorAsync(http, codec ?? WireCodec.Json, KinesisErrors.RequestTimeout).ConfigureAwait(false);
            answered = true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ConnectionAbortedException or ConnectionResetException
            || (exception is IOException && http.RequestAborted.IsCancellationRequested))
        {
            // The client hung up, or the server's patience with it at the stop has ended: there is nobody to answer. What it had put is in the log or not, as for any lost answer.
            Log.ClientGone(logger, Target(http));
            // Otherwise Kestrel would read the rest of the body, which is not there, and take its own failure for the server's.
            http.Abort();
        }
        finally
        {
            metrics.Requests.End(operation, http.Response, began, answered);
        }
    }

    // What takes some 0.1 ms at most and blocks for nothing may run where its bytes were received, though others wait for that thread.
    private static bool IsQuick(KinesisOperation? operation, RequestBody body) =>
        (operation == KinesisOperation.PutRecord || operation == KinesisOperation.PutRecords) && body.Bytes.Length <= LargeWork.SmallBytes;

    // A turn lasts until the operation waits for the first time, for the disk mostly: while it does, others are parsed. Small work is no turn, and
    // costs no step of its own.
    private ValueTask ExamineInTurnAsync(HttpContext http, WireCodec? codec, KinesisOperation? operation, RequestBody body)
    {
        return body.Bytes.Length <= LargeWork.SmallBytes ? ExamineAsync(http, codec, operation, body) : WaitForTurnAsync();

        async ValueTask WaitForTurnAsync()
        {
            ValueTask examined;
            using (await memory.LargeWork.EnterAsync(body.Bytes.Length).ConfigureAwait(false))
                examined = ExamineAsync(http, codec, operation, body);
            await examined.ConfigureAwait(false);
        }
    }

    // Not async itself, and neither is what it calls up to the one that runs the operation: each step of a chain costs every request that waits.
    private ValueTask ExamineAsync(HttpContext http, WireCodec? codec, KinesisOperation? operation, RequestBody body)
    {
        if (body.Status == BodyStatus.TooLarge)
        {
            // The rest of the body is not worth reading.
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            http.Response.ContentLength = 0;
            if (HttpProtocol.IsHttp11(http.Request.Protocol))
                http.Response.Headers.Connection = "close";
            return ValueTask.CompletedTask;
        }

        if (Cors.IsPreflight(http.Request))
        {
            Cors.AnswerPreflight(http);
            return ValueTask.CompletedTask;
        }

        http.Response.Headers["x-amz-id-2"] = RequestIds.NewExtendedId();
        Cors.AddHeaders(http);
        if (!HttpMethods.IsPost(http.Request.Method))
            return SendUnidentifiedAsync(http);
        // Without one of our content types an empty body is refused in CBOR (spec section 2.5, step 5), other troubles in JSON.
        if (body.Status == BodyStatus.Overloaded)
            return SendErrorAsync(http, codec ?? WireCodec.Json, KinesisErrors.ServiceUnavailable);
        if (body.Bytes.IsEmpty)
            return SendErrorAsync(http, codec ?? WireCodec.Cbor, operation is null ? KinesisErrors.UnknownOperation : KinesisErrors.NotParsable);
        if (codec is not null)
            return IdentifyAsync(http, codec, operation, body);
        if (MediaType(http.Request.ContentType) == PlainJsonContentType)
            return SendPlainJsonErrorAsync(http, body);
        if (!Target(http).Contains('.', StringComparison.Ordinal))
            return SendUnidentifiedAsync(http);
        return SendTextAsync(http, StatusCodes.Status404NotFound, contentType: null, "<UnknownOperationException/>\n");
    }

    private ValueTask IdentifyAsync(HttpContext http, WireCodec codec, KinesisOperation? operation, RequestBody body)
    {
        if (operation is null || OperationTable.Find(operation) is not { } handler)
        {
            var parsed = codec.TryRead(body.Bytes.Span, out _);
            return SendErrorAsync(http, codec, parsed ? KinesisErrors.UnknownOperation : KinesisErrors.NotParsable);
        }

        if (authentication.Identify(http.Request, body.Bytes.Span, out var identity) is { } unidentified)
        {
            // A body that cannot be parsed is told first (step 7); whoever signed well is told when the operation reads it.
            var parsed = codec.TryRead(body.Bytes.Span, out _);
            return SendErrorAsync(http, codec, parsed ? unidentified : KinesisErrors.NotParsable);
        }

        return RunAsync(http, handler, body, codec, operation, identity);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunAsync(
        HttpContext http, OperationHandler handler, RequestBody body, WireCodec codec, KinesisOperation operation, RequestIdentity identity)
    {
        using var output = new ResponsePieces();
        var context = new OperationContext(engine, identity.Account, identity.Region) { Access = identity.Access };
        var call = new OperationCall(operation, context, codec, body.Bytes, output, admission, memory, metrics, http);
        try
        {
            var error = await RunAsync(http, handler, call).ConfigureAwait(false);
            if (call.LosesAnswer)
                http.Abort();
            // An answer that lasts goes its way also when nobody gets it: it lets go of what the operation has set up.
            if (error is null && call.Streamed is { } streamed)
                await SendStreamedAsync(http, operation, streamed, body).ConfigureAwait(false);
            else if (call.LosesAnswer)
                return;
            else if (error is not null)
                await SendErrorAsync(http, codec, error).ConfigureAwait(false);
            else if (!call.TryCoverOutput())
                await SendErrorAsync(http, codec, KinesisErrors.ServiceUnavailable).ConfigureAwait(false);
            else
                await SendAsync(http, codec.ContentType, output).ConfigureAwait(false);
        }
        finally
        {
            // Only now: a response that is slow to leave still holds its bytes.
            call.ReleaseShares();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<KinesisError?> RunAsync(HttpContext http, OperationHandler handler, OperationCall call)
    {
        var began = metrics.Now;
        try
        {
            return await handler(call).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.OperationFailed(logger, exception, call.Operation.Name, http.Response.Headers["x-amzn-RequestId"].ToString());
            return KinesisErrors.InternalFailure;
        }
        finally
        {
            metrics.Ended(call, began);
        }
    }

    private async ValueTask SendStreamedAsync(HttpContext http, KinesisOperation operation, StreamedResponse streamed, RequestBody body)
    {
        // Minutes may pass: the request's bytes are others' until then.
        body.Dispose();
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = streamed.ContentType;
        try
        {
            await streamed.SendAsync(new StreamedBody(http, stopping)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not IOException)
        {
            Log.StreamFailed(logger, exception, operation.Name, http.Response.Headers["x-amzn-RequestId"].ToString());
        }
    }

    private static string Target(HttpContext http) => http.Request.Headers["X-Amz-Target"].ToString();

    private static string MediaType(string? header)
    {
        if (header is null)
            return "";
        var end = header.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? header : header[..end]).Trim();
    }

    private static ValueTask SendErrorAsync(HttpContext http, WireCodec codec, KinesisError error)
    {
        using var output = new ResponseBuffer();
        error.Write(codec.CreateWriter(output));
        http.Response.Headers["x-amzn-ErrorType"] = error.Code;
        return SendAsync(http, error.Status, codec.ContentType, output.Written.ToArray());
    }

    // A content type that is nearly ours gets the envelope of an older protocol (spec section 2.5, step 7).
    private static ValueTask SendPlainJsonErrorAsync(HttpContext http, RequestBody body)
    {
        var parsed = JsonWireReader.TryRead(body.Bytes.Span, out _);
        var code = parsed ? ErrorCodes.UnknownOperation : ErrorCodes.Serialization;
        return SendTextAsync(
            http,
            parsed ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest,
            PlainJsonContentType,
            string.Create(CultureInfo.InvariantCulture, $$"""{"Output":{"__type":"com.amazon.coral.service#{{code}}"},"Version":"1.0"}"""));
    }

    private static ValueTask SendUnidentifiedAsync(HttpContext http) => SendTextAsync(
        http,
        StatusCodes.Status403Forbidden,
        contentType: null,
        "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n</AccessDeniedException>\n");

    private static ValueTask SendTextAsync(HttpContext http, int status, string? contentType, string text) =>
        SendAsync(http, status, contentType, System.Text.Encoding.UTF8.GetBytes(text));

    private static ValueTask SendAsync(HttpContext http, int status, string? contentType, byte[] body)
    {
        SetHead(http, status, contentType, body.Length);
        return WriteAsync(http, body, http.RequestAborted);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask SendAsync(HttpContext http, string contentType, ResponsePieces body)
    {
        SetHead(http, StatusCodes.Status200OK, contentType, body.Length);
        // What goes in one piece is taken at once, or thrown away with its connection; only more of it may have to wait for a client.
        var gone = body.Length > PieceBytes ? http.RequestAborted : CancellationToken.None;
        for (var i = 0; i < body.Count; i++)
        {
            if (i > 0)
                LargeWork.GiveWay();
            await WriteAsync(http, body[i], gone).ConfigureAwait(false);
        }
    }

    private static void SetHead(HttpContext http, int status, string? contentType, long length)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask WriteAsync(HttpContext http, ReadOnlyMemory<byte> bytes, CancellationToken gone)
    {
        for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, PieceBytes)..])
            await http.Response.BodyWriter.WriteAsync(rest[..Math.Min(rest.Length, PieceBytes)], gone).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Error, "{Operation} failed; request {RequestId} was answered with InternalFailure.")]
        public static partial void OperationFailed(ILogger logger, Exception exception, string operation, string requestId);

        [LoggerMessage(3003, LogLevel.Error, "{Operation} failed; the event stream of request {RequestId} has ended with InternalFailureException.")]
        public static partial void StreamFailed(ILogger logger, Exception exception, string operation, string requestId);

        [LoggerMessage(3002, LogLevel.Debug, "The client went away during {Target}.")]
        public static partial void ClientGone(ILogger logger, string target);
    }
}
