using Weir.Protocol.EventStream;
using Weir.Protocol.Records;
using Weir.Protocol.Wire;
using Weir.Server.Http;
using Weir.Streams.Encryption;
using Weir.Streams.Reading;
using Weir.Streams.Subscriptions;

namespace Weir.Server.Operations;

/// <summary>Makes one event of a subscription: records go from the log's memory straight into the message.</summary>
/// <remarks>Not thread-safe. Disposed when the message has left, which gives its memory back.</remarks>
internal sealed class EventBuilder(SubscriptionMessages messages, WireCodec codec, EventMemory memory) : IDisposable
{
    // Names, quotes, sequence number and time of one record.
    private const int RecordEnvelopeBytes = 192;

    // Frame, names, continuation and children around the records.
    private const int EventEnvelopeBytes = 2048;

    private readonly ResponseBuffer _buffer = new();
    private IDisposable? _large;

    /// <summary>The whole message once it is built; lent until the disposal.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.Written;

    /// <summary>What the message holds, once it is built.</summary>
    public EventFigures Figures { get; private set; }

    /// <summary>Builds the event that is due.</summary>
    /// <param name="subscription">Whose.</param>
    /// <param name="bufferBytes">A buffer that the caller has taken for a large record; 0 for none, which leaves such a record out; null when it is not known yet.</param>
    /// <returns>
    /// 0, or the buffer that the event's only record needs: nothing has happened then. Null when there is no event, because its first record's
    /// key cannot be used: the subscription is over.
    /// </returns>
    public int? Build(Subscription subscription, int? bufferBytes = null)
    {
        messages.BeginEvent(_buffer);
        var writer = codec.CreateRecordsWriter(_buffer);
        writer.Begin();
        using var records = subscription.OpenEvent();
        var missing = Copy(records, writer, EventMemory.RoomOf(Math.Max(EventMemory.SmallBytes, bufferBytes ?? 0)));
        if (missing > 0 && bufferBytes is null)
            return missing;
        if (records.Count == 0 && records.KeyState != KeyState.Usable)
        {
            subscription.RefuseKey(records.KeyState);
            return null;
        }

        var end = records.End();
        Figures = new EventFigures(records.Shard, records.Count, records.Bytes, end.MillisBehindLatest);
        writer.EndEvent(end.Continuation, end.MillisBehindLatest, end.Children is null ? null : [.. end.Children.Select(ShardMessage.ChildOf)]);
        SubscriptionMessages.EndEvent(_buffer);
        messages.SealEvent(_buffer.WrittenSpan);
        return 0;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _buffer.Dispose();
        _large?.Dispose();
    }

    private int Copy(EventRecords records, IRecordsWriter writer, int room)
    {
        room -= EventEnvelopeBytes;
        while (records.TryRead(out var record))
        {
            var encoded = EncodedBytes(record);
            // More than a small event: it grows while there is room for large ones.
            if (encoded > room && _large is null && (_large = memory.TryTakeLarge()) is not null)
                room += EventMemory.LargeBytes - EventMemory.SmallBytes;
            if (encoded > room)
            {
                records.Unread(record);
                return records.Count == 0 ? EventMemory.BufferFor(encoded + EventEnvelopeBytes) : 0;
            }

            room -= encoded;
            writer.Record(record.SequenceNumber, record.ArrivedAt, record.Data, record.PartitionKey, record.Encrypted);
        }

        return 0;
    }

    private static int EncodedBytes(in ReadRecord record) => RecordEnvelopeBytes + (record.PartitionKey.Length * 6) + (record.Data.Length / 3 * 4);
}

/// <summary>What one event has told.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Records">How many records.</param>
/// <param name="Bytes">Their data and keys.</param>
/// <param name="MillisBehindLatest">How far behind the tip it left its reader.</param>
internal readonly record struct EventFigures(Streams.Shard Shard, int Records, long Bytes, long MillisBehindLatest);
