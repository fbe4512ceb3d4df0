using Weir.Model;
using Weir.Streams.Encryption;
using Weir.Streams.Reading;

namespace Weir.Streams.Subscriptions;

/// <summary>The records of one event, as many as it may have, and what is said behind them.</summary>
/// <remarks>
/// Not thread-safe. An event that is disposed without its end has not happened: the next one begins at the same record.
/// </remarks>
public sealed class EventRecords : IDisposable
{
    private readonly Subscription _subscription;
    private readonly DataStream.Snapshot _snapshot;
    private readonly Shard _shard;
    private readonly long _tip;
    private readonly ShardReader _reader;
    private readonly bool _mayGive;
    private DateTimeOffset? _lastTime;

    // What Unread goes back to.
    private DateTimeOffset? _timeBeforeLast;

    // The record that was put back: the next one.
    private DateTimeOffset? _nextTime;
    private bool _readEverything;
    private bool _full;

    internal EventRecords(Subscription subscription, DataStream.Snapshot snapshot, Shard shard, long tip, ShardReader reader, bool mayGive) =>
        (_subscription, _snapshot, _shard, _tip, _reader, _mayGive) = (subscription, snapshot, shard, tip, reader, mayGive);

    /// <summary>Records given so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their data and keys.</summary>
    public long Bytes { get; private set; }

    /// <summary>The shard that is read, as the subscription's last look showed it.</summary>
    public Shard Shard => _shard;

    /// <summary>Why the next record cannot be given although it is there: the state of its key. Usable otherwise.</summary>
    public KeyState KeyState => _reader.KeyState;

    /// <summary>The next record, or false when the event has all that it may have: 1 MiB or one record, 10,000 records, or no more are there.</summary>
    /// <param name="record">Lent until the next call or the disposal.</param>
    public bool TryRead(out ReadRecord record)
    {
        record = default;
        if (!_mayGive || _readEverything || _full || Count == KinesisLimits.MaxEventRecords)
            return false;
        if (!_reader.TryRead(out record))
        {
            // A record whose key cannot be used ends the event too; the next event, which would begin with it, is the end.
            _readEverything = _reader.KeyState == KeyState.Usable;
            _full = !_readEverything;
            return false;
        }

        if (Count > 0 && Bytes + record.SizeBytes > KinesisLimits.MaxEventBytes)
        {
            _reader.Unread(record);
            _full = true;
            return false;
        }

        Count++;
        Bytes += record.SizeBytes;
        _timeBeforeLast = _lastTime;
        _lastTime = record.ArrivedAt;
        return true;
    }

    /// <summary>Puts the last record back: there is no room for it. No more can be read then.</summary>
    /// <param name="record">What <see cref="TryRead"/> gave last.</param>
    public void Unread(in ReadRecord record)
    {
        _reader.Unread(record);
        _full = true;
        Count--;
        Bytes -= record.SizeBytes;
        (_lastTime, _nextTime) = (_timeBeforeLast, record.ArrivedAt);
    }

    /// <summary>Ends the event: the subscription goes on behind it, and its bytes count in the rate.</summary>
    public EventEnd End()
    {
        var position = _reader.NextIndex;
        // What is missing up to the tip is beyond retention.
        if (_readEverything)
            position = Math.Max(position, _tip);
        var caughtUp = position >= _tip;
        // The end is an event of its own: there are clients that take one without a continuation for nothing but the end, and lose its records.
        var atShardEnd = caughtUp && !_shard.IsOpen && Count == 0;
        var behind = caughtUp ? 0 : Behind();
        var continuation = _subscription.Advance(_shard, position, _lastTime, Bytes, atShardEnd);
        return atShardEnd
            ? new EventEnd(Continuation: null, MillisBehindLatest: 0, [.. _snapshot.Shards.ChildrenOf(_shard.Id)])
            : new EventEnd(continuation, behind, Children: null);
    }

    /// <inheritdoc />
    public void Dispose() => _reader.Dispose();

    // Age of the last record given; of the next one when none was given.
    private long Behind()
    {
        if ((_lastTime ?? _nextTime) is not { } time)
        {
            if (!_reader.TryRead(out var next))
                return 0;
            time = next.ArrivedAt;
        }

        return Math.Max(0, (long)(_subscription.Now - time).TotalMilliseconds);
    }
}

/// <summary>What an event says behind its records.</summary>
/// <param name="Continuation">The position after the event; null at the end of a closed shard, and only there.</param>
/// <param name="MillisBehindLatest">0 when nothing more is there to be read, else the age of the last record given.</param>
/// <param name="Children">The shards that follow a closed one; null but at its end.</param>
public readonly record struct EventEnd(SequenceNumber? Continuation, long MillisBehindLatest, IReadOnlyList<Shard>? Children);
