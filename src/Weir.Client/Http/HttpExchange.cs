using System.Net;
using Weir.Client.Credentials;
using Weir.Client.Signing;
using Weir.Protocol;
using Weir.Protocol.Wire;

namespace Weir.Client.Http;

/// <summary>One attempt: sign, send, read. Thread-safe.</summary>
internal sealed class HttpExchange(
    HttpMessageInvoker invoker, Uri endpoint, SigV4Signer signer, CredentialSource credentials, ClockSkew skew, HttpExchangeSettings settings)
{
    private readonly string _canonicalPath = SigV4Signer.CanonicalPath(endpoint.AbsolutePath);
    private readonly string _name = endpoint.ToString().TrimEnd('/');
    private readonly string _host = endpoint.IsDefaultPort ? endpoint.IdnHost : endpoint.Authority;

    /// <summary>Where requests go.</summary>
    public Uri Endpoint => endpoint;

    /// <param name="operation">What is asked for.</param>
    /// <param name="body">The request in the encoding of the settings.</param>
    /// <param name="read">Reads the answer.</param>
    /// <param name="cancellationToken">The caller's; its cancellation is passed on as it is.</param>
    /// <exception cref="KinesisException">The attempt failed.</exception>
    public Task<T> SendAsync<T>(KinesisOperation operation, RequestBody body, AnswerReader<T> read, CancellationToken cancellationToken)
        where T : class => SendAsync(
        operation,
        body,
        async (response, token) =>
        {
            using var whole = response;
            using var content = await ResponseBody.ReadAsync(response.Content, token).ConfigureAwait(false);
            return Read(operation, response, content.Span, read);
        },
        cancellationToken);

    /// <summary>One attempt at a request whose answer lasts: ends when its head has come.</summary>
    /// <param name="operation">What is asked for.</param>
    /// <param name="body">The request in the encoding of the settings.</param>
    /// <param name="cancellationToken">The caller's; its cancellation is passed on as it is.</param>
    /// <exception cref="KinesisException">The attempt failed.</exception>
    /// <returns>The answer, which the caller disposes.</returns>
    public Task<OpenAnswer> OpenAsync(KinesisOperation operation, RequestBody body, CancellationToken cancellationToken) => SendAsync(
        operation,
        body,
        async (response, token) =>
        {
            if (response.StatusCode == HttpStatusCode.OK)
            {
                var stream = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
                return new OpenAnswer(response, stream, operation, endpoint, Header(response, "x-amzn-RequestId"), settings.TimeProvider);
            }

            using var whole = response;
            using var content = await ResponseBody.ReadAsync(response.Content, token).ConfigureAwait(false);
            throw Refusal(operation, response, content.Span);
        },
        cancellationToken);

    private async Task<T> SendAsync<T>(
        KinesisOperation operation, RequestBody body, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var signers = await credentials.GetAsync(cancellationToken).ConfigureAwait(false);
        using var request = Build(operation, body, signers);
        using var timeout = new CancellationTokenSource(settings.AttemptTimeout, settings.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await read(await invoker.SendAsync(request, either.Token).ConfigureAwait(false), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Not the caller: either our time is up, or the handler's own for connecting.
            throw timeout.IsCancellationRequested
                ? Failed(operation, KinesisConnectionFailure.TimedOut, $"{_name} did not answer {operation} within {settings.AttemptTimeout}.", exception)
                : Failed(operation, KinesisConnectionFailure.Unreachable, $"Cannot reach {_name}: no connection in time.", exception);
        }
        catch (HttpRequestException exception)
        {
            throw exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
                ? Failed(operation, KinesisConnectionFailure.Unreachable, $"Cannot reach {_name}: {exception.Message}", exception)
                : Failed(operation, KinesisConnectionFailure.Broken, $"The connection to {_name} broke: {exception.Message}", exception);
        }
        catch (IOException exception)
        {
            throw Failed(operation, KinesisConnectionFailure.Broken, $"The connection to {_name} broke: {exception.Message}", exception);
        }
    }

    private HttpRequestMessage Build(KinesisOperation operation, RequestBody body, Amazon.Runtime.ImmutableCredentials signers)
    {
        var time = skew.Now;
        var stamp = SigV4Signer.FormatTime(time);
        List<SignedHeader> signed = [new("content-type", settings.Codec.ContentType), new("host", _host), new("x-amz-date", stamp)];
        if (signers.UseToken)
            signed.Add(new SignedHeader("x-amz-security-token", signers.Token));
        signed.Add(new SignedHeader("x-amz-target", operation.Target));

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = new RequestContent(body),
            Version = settings.Version,
            VersionPolicy = settings.VersionPolicy,
        };
        request.Headers.Host = _host;
        request.Content.Headers.TryAddWithoutValidation("Content-Type", settings.Codec.ContentType);
        foreach (var (name, value) in signed)
        {
            if (name.StartsWith("x-amz-", StringComparison.Ordinal))
                request.Headers.TryAddWithoutValidation(name, value);
        }

        var authorization = signer.Sign(
            signers, time, "POST", _canonicalPath, canonicalQuery: "", System.Runtime.InteropServices.CollectionsMarshal.AsSpan(signed), body.Memory.Span);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("User-Agent", settings.UserAgent);
        return request;
    }

    private T Read<T>(KinesisOperation operation, HttpResponseMessage response, ReadOnlySpan<byte> body, AnswerReader<T> read)
        where T : class
    {
        var codec = CodecOf(response);
        if (response.StatusCode != HttpStatusCode.OK)
            throw Refusal(operation, response, body);
        return read(codec, body)
            ?? throw Failed(operation, KinesisConnectionFailure.NotKinesis, $"{_name} answered {operation} with something that is no Kinesis response.", null);
    }

    private KinesisException Refusal(KinesisOperation operation, HttpResponseMessage response, ReadOnlySpan<byte> body) => RefusalReader.Read(
        CodecOf(response), operation, (int)response.StatusCode, Header(response, "x-amzn-ErrorType"), Header(response, "x-amzn-RequestId"), response.Headers.Date, body);

    // What stands between may answer a CBOR request in JSON, and a server need not name its type at all.
    private WireCodec CodecOf(HttpResponseMessage response) => WireCodec.Find(response.Content.Headers.ContentType?.MediaType) ?? settings.Codec;

    private KinesisConnectionException Failed(KinesisOperation operation, KinesisConnectionFailure reason, string message, Exception? inner) =>
        new(new KinesisFailure(reason.ToString(), Operation: operation, IsRetryable: reason != KinesisConnectionFailure.NotKinesis), reason, endpoint, message, inner);

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}

/// <summary>What every attempt has in common.</summary>
/// <param name="AttemptTimeout">How long one may take.</param>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Version">The HTTP version.</param>
/// <param name="VersionPolicy">Whether another will do.</param>
/// <param name="Codec">How requests are written, and answers that do not say otherwise.</param>
/// <param name="UserAgent">How the client names itself.</param>
internal sealed record HttpExchangeSettings(
    TimeSpan AttemptTimeout, TimeProvider TimeProvider, Version Version, HttpVersionPolicy VersionPolicy, WireCodec Codec, string UserAgent);
