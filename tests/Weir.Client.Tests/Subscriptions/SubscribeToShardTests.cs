using System.Net;
using System.Text;
using Amazon.Runtime;
using Weir.Protocol;
using Weir.Protocol.EventStream;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Client.Tests.Subscriptions;

/// <summary>What the client makes of an event stream, and of one that goes wrong.</summary>
public sealed class SubscribeToShardTests
{
    private static readonly SubscriptionMessages Messages = SubscriptionMessages.Of(WireCodec.Json);

    // The body of the answer that a client made by the test gets.
    private TrackedContent _content = new();

    [Fact]
    public async Task Events_come_in_order_and_end_with_the_answer()
    {
        using var client = Client(Initial(), Event("a"), Event("b"));
        Assert.Equal(["a", "b"], await Texts(client).ToListAsync(TestContext.Current.CancellationToken));
        Assert.True(_content.Disposed);
    }

    [Fact]
    public async Task Nothing_is_read_before_it_is_asked_for()
    {
        // Each event is larger than what is read at once, so that reading ahead would show.
        var events = Enumerable.Range(0, 20).Select(i => Event(new string((char)('a' + i), 100_000))).ToArray();
        using var client = Client([Initial(), .. events]);
        var taken = 0;
        await foreach (var _ in Texts(client))
        {
            taken++;
            Assert.InRange(_content.Read, 1, ((taken + 1) * (long)events[0].Length) + 1024);
            if (taken == 10)
                break;
        }

        Assert.True(_content.Disposed);
    }

    [Fact]
    public async Task An_exception_in_the_stream_is_the_clients_own()
    {
        using var client = Client(Initial(), Event("a"), Messages.Exception(new KinesisError(ErrorCodes.ResourceInUse, "Another one.")));
        var seen = new List<string>();
        var exception = await Assert.ThrowsAsync<KinesisResourceInUseException>(async () =>
        {
            await foreach (var text in Texts(client))
                seen.Add(text);
        });
        Assert.Equal(["a"], seen);
        Assert.Equal(("Another one.", KinesisOperation.SubscribeToShard), (exception.Message, exception.Operation));
    }

    [Fact]
    public async Task An_error_outside_of_the_model_is_told_by_its_code()
    {
        var error = EventStreamFrame.Encode(
            new EventStreamHeaders(
                (EventStreamHeaders.MessageType, "error"), (EventStreamHeaders.ErrorCode, "InternalFailure"), (EventStreamHeaders.ErrorMessage, "Oh.")),
            []);
        using var client = Client(Initial(), error);
        var exception = await Assert.ThrowsAsync<KinesisException>(async () => await Texts(client).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("InternalFailure", "Oh."), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task A_refusal_before_the_stream_is_the_clients_own()
    {
        using var client = new KinesisClient(Options(new ScriptedServer(ScriptedServer.Refused("ResourceNotFoundException", "Consumer c, account 1 not found."))));
        var exception = await Assert.ThrowsAsync<KinesisResourceNotFoundException>(async () => await Texts(client).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Consumer c, account 1 not found.", exception.Message);
    }

    [Fact]
    public async Task Damage_and_a_broken_end_are_failures_of_the_connection()
    {
        var damaged = Event("a");
        damaged[^1] ^= 1;
        using (var client = Client(Initial(), damaged))
        {
            var exception = await Assert.ThrowsAsync<KinesisConnectionException>(async () => await Texts(client).ToListAsync(TestContext.Current.CancellationToken));
            Assert.Equal(KinesisConnectionFailure.NotKinesis, exception.Reason);
        }

        using (var client = Client(Initial(), Event("a")[..^1]))
        {
            var exception = await Assert.ThrowsAsync<KinesisConnectionException>(async () => await Texts(client).ToListAsync(TestContext.Current.CancellationToken));
            Assert.Equal((KinesisConnectionFailure.Broken, true), (exception.Reason, exception.IsRetryable));
        }
    }

    private static async IAsyncEnumerable<string> Texts(KinesisClient client)
    {
        var request = new SubscribeToShardRequest
        {
            ConsumerARN = "c", ShardId = "s", StartingPosition = new StartingPosition { Type = ShardIteratorTypes.Latest },
        };
        await foreach (var seen in client.SubscribeToShardAsync(request, TestContext.Current.CancellationToken))
            yield return Encoding.UTF8.GetString(Assert.Single(seen.Records!).Data!.Value.Span);
    }

    private static byte[] Initial() => Messages.InitialResponse.ToArray();

    private static byte[] Event(string data)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new SubscribeToShardEvent
        {
            Records = [new Protocol.Messages.Record { SequenceNumber = "1", PartitionKey = "k", Data = Encoding.UTF8.GetBytes(data) }],
            ContinuationSequenceNumber = "2",
            MillisBehindLatest = 0,
        }.Write(WireCodec.Json.CreateWriter(output));
        var headers = new EventStreamHeaders(
            (EventStreamHeaders.MessageType, "event"), (EventStreamHeaders.EventType, "SubscribeToShardEvent"), (EventStreamHeaders.ContentType, "application/json"));
        return EventStreamFrame.Encode(headers, output.WrittenSpan);
    }

    private KinesisClient Client(params byte[][] messages)
    {
        var content = _content = new TrackedContent { Bytes = [.. messages.SelectMany(message => message)] };
        return new KinesisClient(Options(new ScriptedServer(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = content })));
    }

    private static KinesisClientOptions Options(HttpMessageHandler handler) => new()
    {
        Endpoint = new Uri("http://127.0.0.1:1"),
        Region = "us-east-1",
        Credentials = new BasicAWSCredentials("AKID", "secret"),
        MessageHandler = handler,
    };

    /// <summary>A body that knows how far it has been read.</summary>
    private sealed class TrackedContent : HttpContent
    {
        public byte[] Bytes { get; init; } = [];

        public long Read => Disposed ? 0 : _stream?.Position ?? 0;

        public bool Disposed { get; private set; }

        private MemoryStream? _stream;

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(_stream = new MemoryStream(Bytes));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            Disposed = true;
            base.Dispose(disposing);
        }
    }
}
