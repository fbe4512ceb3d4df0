using System.Buffers.Text;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Weir.Client.Credentials;
using Weir.Client.Endpoints;
using Weir.Client.Http;
using Weir.Client.Retries;
using Weir.Client.Signing;
using Weir.Client.Subscriptions;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Client;

/// <summary>Speaks the Kinesis Data Streams API: to AWS, to Weir, or to anything else that understands it.</summary>
/// <remarks>
/// <para>Thread-safe; make one and keep it, for it holds the connections. Making one reads environment variables and perhaps the AWS
/// profile files, and opens nothing.</para>
/// <para>Each operation throws a <see cref="KinesisException"/> when it is refused or the server cannot be reached, after the client's
/// own retries. A put whose answer was lost is sent again, so a record can be stored twice: Kinesis has no key to tell (spec section 7.3).</para>
/// </remarks>
public sealed partial class KinesisClient : IDisposable, IAsyncDisposable
{
    private readonly WireCodec _codec;
    private readonly HttpMessageInvoker _invoker;
    private readonly CredentialSource _credentials;
    private readonly RetryLoop _requests;
    private readonly TimeSpan _longestSilence;

    /// <summary>Makes a client.</summary>
    /// <param name="options">Null means every default.</param>
    /// <exception cref="ArgumentException">An option is out of range; the text names it.</exception>
    /// <exception cref="KinesisConfigurationException">An environment variable that is needed is malformed.</exception>
    public KinesisClient(KinesisClientOptions? options = null)
        : this(options ?? new KinesisClientOptions(), Surroundings.OfProcess())
    {
    }

    internal KinesisClient(KinesisClientOptions options, Surroundings surroundings)
    {
        options.Validate();
        Region = EndpointResolution.Region(options, surroundings);
        Endpoint = EndpointResolution.Endpoint(options, Region, surroundings);
        _codec = options.Encoding == KinesisEncoding.Cbor ? WireCodec.Cbor : WireCodec.Json;
        var tls = Endpoint.Scheme == Uri.UriSchemeHttps;
        var http2 = tls || options.UseHttp2OnPlainText;
        var settings = new HttpExchangeSettings(
            options.AttemptTimeout,
            options.TimeProvider,
            http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            tls ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact,
            _codec,
            $"weir-client/{typeof(KinesisClient).Assembly.GetName().Version?.ToString(3)}");
        _longestSilence = options.AttemptTimeout;
        var skew = new ClockSkew(options.TimeProvider);
        _invoker = new HttpMessageInvoker(
            options.MessageHandler ?? Connections.Open(options, Endpoint), disposeHandler: options.MessageHandler is null);
        _credentials = new CredentialSource(options.Credentials, Endpoint, surroundings);
        _requests = new RetryLoop(
            new HttpExchange(_invoker, Endpoint, new SigV4Signer(Region, "kinesis"), _credentials, skew, settings),
            new RetryPolicy(
                options.MaxAttempts, options.MaxRetryDelay, options.Random ?? new Random(RandomNumberGenerator.GetInt32(int.MaxValue))),
            new RetryBudget(),
            skew,
            options.TimeProvider);
    }

    /// <summary>Where requests go.</summary>
    public Uri Endpoint { get; }

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; }

    /// <summary>Sends a request and reads its response: <c>await client.SendAsync(new PutRecordRequest { ... })</c>.</summary>
    /// <param name="request">The input. Written before this method returns its task, so its data may be reused at once.</param>
    /// <param name="cancellationToken">Ends the wait. A request that was sent already may still be carried out.</param>
    /// <typeparam name="TRequest">Inferred.</typeparam>
    /// <typeparam name="TResponse">Inferred.</typeparam>
    /// <exception cref="KinesisException">Refused, or not reached.</exception>
    /// <exception cref="NotSupportedException">SubscribeToShard: its answer is a stream of events.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    public async Task<TResponse> SendAsync<TRequest, TResponse>(
        IKinesisRequest<TRequest, TResponse> request, CancellationToken cancellationToken = default)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(request);
        var operation = TRequest.Operation;
        if (operation == KinesisOperation.SubscribeToShard)
            throw new NotSupportedException($"SubscribeToShard answers with a stream of events: call {nameof(SubscribeToShardAsync)}.");
        using var body = Encode(request, expectedBytes: 0);
        return await _requests.SendAsync(operation, body, Answers<TResponse>.Reader, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As <see cref="SendAsync"/>, but the request is sent once: for callers with retries of their own.</summary>
    /// <param name="request">The input.</param>
    /// <param name="dataBytes">About how many bytes of data it carries, so that its body need not grow.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task<TResponse> SendOnceAsync<TRequest, TResponse>(
        IKinesisRequest<TRequest, TResponse> request, int dataBytes, CancellationToken cancellationToken)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse>
    {
        using var body = Encode(request, _codec == WireCodec.Cbor ? dataBytes : Base64.GetMaxEncodedToUtf8Length(dataBytes));
        return await _requests.SendOnceAsync(TRequest.Operation, body, Answers<TResponse>.Reader, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Subscribes a consumer to a shard and gives its events as they come, for up to five minutes.</summary>
    /// <param name="request">Consumer, shard and starting position.</param>
    /// <param name="cancellationToken">Ends the subscription.</param>
    /// <returns>
    /// The events. The request is sent when they are first asked for, again for each enumeration. They end without an exception after
    /// five minutes (subscribe again after the last ContinuationSequenceNumber) and after the event that names the shard's children.
    /// </returns>
    /// <exception cref="KinesisException">While enumerating: refused, not reached, or ended by the server, as when another call takes over.</exception>
    /// <remarks>
    /// Events are read when they are asked for: a caller that takes its time slows the server down, and nothing piles up. Over HTTP/1.1
    /// each live subscription has one of the <see cref="KinesisClientOptions.MaxConnections"/> for itself.
    /// </remarks>
    public async IAsyncEnumerable<SubscribeToShardEvent> SubscribeToShardAsync(
        SubscribeToShardRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        OpenAnswer answer;
        using (var body = Encode(request, expectedBytes: 0))
            answer = await _requests.OpenAsync(KinesisOperation.SubscribeToShard, body, cancellationToken).ConfigureAwait(false);
        using var subscription = new ShardSubscription(answer, _longestSilence);
        while (await subscription.NextAsync(cancellationToken).ConfigureAwait(false) is { } next)
            yield return next;
    }

    private RequestBody Encode<TRequest, TResponse>(IKinesisRequest<TRequest, TResponse> request, int expectedBytes)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse>
    {
        var body = new RequestBody(expectedBytes);
        try
        {
            request.Write(_codec.CreateWriter(body));
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Closes the connections. Requests that are under way fail.</summary>
    public void Dispose()
    {
        _invoker.Dispose();
        _credentials.Dispose();
    }

    /// <inheritdoc cref="Dispose" />
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
