using Weir.Client.Http;
using Weir.Protocol.EventStream;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Client.Subscriptions;

/// <summary>The events of one SubscribeToShard, read when they are asked for.</summary>
internal sealed class ShardSubscription(OpenAnswer answer, TimeSpan silence) : IDisposable
{
    private readonly EventStreamReader _messages = new(answer.Body);

    /// <summary>The next event, or null at the end: five minutes have passed, the shard has ended, or the server stops.</summary>
    /// <exception cref="KinesisException">The server ended the subscription with an exception, or the connection broke.</exception>
    public async ValueTask<SubscribeToShardEvent?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (message is not { } found)
                return null;
            switch (found.Headers[EventStreamHeaders.MessageType])
            {
                case SubscriptionMessages.EventMessage when found.Headers[EventStreamHeaders.EventType] == SubscriptionMessages.ShardEvent:
                    return SubscribeToShardEvent.Read(Payload(found));
                case SubscriptionMessages.EventMessage:
                    // The initial response says nothing, and events of later models are not for us.
                    break;
                case SubscriptionMessages.ExceptionMessage:
                    throw answer.Refused(found.Headers[EventStreamHeaders.ExceptionType] ?? "UnknownError", Payload(found).GetString("message"));
                case SubscriptionMessages.ErrorMessage:
                    throw answer.Refused(
                        found.Headers[EventStreamHeaders.ErrorCode] ?? "UnknownError", found.Headers[EventStreamHeaders.ErrorMessage]);
                default:
                    throw answer.NotKinesis("sent a message of an unknown type", inner: null);
            }
        }
    }

    /// <summary>Hangs up, wherever the subscription is.</summary>
    public void Dispose()
    {
        _messages.Dispose();
        answer.Dispose();
    }

    // A live subscription is never silent for long: a server that is has gone without a word.
    private async ValueTask<EventStreamMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(silence, answer.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _messages.NextAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw answer.Broken(KinesisConnectionFailure.TimedOut, $"sent nothing for {silence}", exception);
        }
        catch (InvalidDataException exception)
        {
            throw answer.NotKinesis("sent a damaged event stream", exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw answer.Broken(KinesisConnectionFailure.Broken, $"broke the connection: {exception.Message}", exception);
        }
    }

    private WireValue Payload(EventStreamMessage message)
    {
        var codec = message.Headers[EventStreamHeaders.ContentType] == SubscriptionMessages.CborContentType ? WireCodec.Cbor : WireCodec.Json;
        return codec.TryReadAnswer(message.Payload.Span, out var map) ? map : throw answer.NotKinesis("sent an event that cannot be read", inner: null);
    }
}
