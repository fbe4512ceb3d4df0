using System.Buffers;
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
public sealed class KinesisClient : IDisposable, IAsyncDisposable
{
    // Most requests are small; a PutRecords grows its buffer a few times.
    private const int FirstBodyBytes = 1024;

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
        return TResponse.Read(await _requests.SendAsync(operation, Encode(request), cancellationToken).ConfigureAwait(false));
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
        using var subscription = new ShardSubscription(
            await _requests.OpenAsync(KinesisOperation.SubscribeToShard, Encode(request), cancellationToken).ConfigureAwait(false), _longestSilence);
        while (await subscription.NextAsync(cancellationToken).ConfigureAwait(false) is { } next)
            yield return next;
    }

    private ReadOnlyMemory<byte> Encode<TRequest, TResponse>(IKinesisRequest<TRequest, TResponse> request)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse>
    {
        // Not pooled: after an early answer the connection may still be sending the body, and nobody tells when it stops.
        var body = new ArrayBufferWriter<byte>(FirstBodyBytes);
        request.Write(_codec.CreateWriter(body));
        return body.WrittenMemory;
    }

    /// <summary>Writes one record.</summary>
    public Task<PutRecordResponse> PutRecordAsync(PutRecordRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Writes up to 500 records. <b>Each can fail for itself</b>: look at every entry of the response.</summary>
    public Task<PutRecordsResponse> PutRecordsAsync(PutRecordsRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Gets a position to read from, valid for five minutes.</summary>
    public Task<GetShardIteratorResponse> GetShardIteratorAsync(GetShardIteratorRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Reads up to 10,000 records or 10 MiB, and the position after them.</summary>
    public Task<GetRecordsResponse> GetRecordsAsync(GetRecordsRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Lists a stream's shards, a page at a time.</summary>
    public Task<ListShardsResponse> ListShardsAsync(ListShardsRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Lists the streams of the account and region, a page at a time.</summary>
    public Task<ListStreamsResponse> ListStreamsAsync(ListStreamsRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Begins to create a stream; it is there once its status is ACTIVE.</summary>
    public Task<CreateStreamResponse> CreateStreamAsync(CreateStreamRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Begins to delete a stream; it is gone once describing it is refused.</summary>
    public Task<DeleteStreamResponse> DeleteStreamAsync(DeleteStreamRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Describes a stream with a page of its shards.</summary>
    public Task<DescribeStreamResponse> DescribeStreamAsync(DescribeStreamRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Describes a stream without its shards.</summary>
    public Task<DescribeStreamSummaryResponse> DescribeStreamSummaryAsync(
        DescribeStreamSummaryRequest request, CancellationToken cancellationToken = default) => SendAsync(request, cancellationToken);

    /// <summary>Begins to split a shard in two.</summary>
    public Task<SplitShardResponse> SplitShardAsync(SplitShardRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Begins to merge two adjacent shards.</summary>
    public Task<MergeShardsResponse> MergeShardsAsync(MergeShardsRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

    /// <summary>Begins to split and merge until the stream has that many open shards.</summary>
    public Task<UpdateShardCountResponse> UpdateShardCountAsync(UpdateShardCountRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(request, cancellationToken);

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
