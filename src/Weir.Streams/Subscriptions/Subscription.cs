using System.Diagnostics;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Consumers;
using Weir.Streams.Encryption;
using Weir.Streams.Reading;

namespace Weir.Streams.Subscriptions;

/// <summary>
/// One consumer's subscription to one shard: says when an event is due, gives its records, and knows why it is over. Nothing runs in
/// between: whoever sends the events asks for the next one when the last has left, so that a slow reader slows only itself.
/// </summary>
/// <remarks>
/// One caller asks for events; <see cref="Close"/> may come from anywhere. Holds no records and no file while nothing is read.
/// </remarks>
public sealed class Subscription : IDisposable
{
    private readonly TimeProvider _time;
    private readonly bool _enforceRate;
    private readonly DataStream _stream;
    private readonly ConsumerArn _consumer;
    private readonly ShardId _shard;
    private readonly SubscriptionSlot _slot;
    private readonly IRecordLog _log;
    private readonly DataKeys _keys;

    // Never disposed: whoever ends the subscription may be a step behind its disposal, and without its wait handle it holds nothing.
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _lifetime;

    // The caller's own. The position is the index of the next record; the time is that of the record in front of it.
    private long _position;
    private DateTimeOffset _lastTime;
    private long _lastEventAt;

    // Waits for records from the position on; kept from one wait to the next while the shard is idle.
    private Task? _records;

    private int _end = (int)SubscriptionEnd.None;

    internal Subscription(StreamEngine engine, DataStream stream, StreamConsumer consumer, Shard shard, SubscriptionSlot slot, long fromIndex)
    {
        _time = engine.Time;
        _enforceRate = engine.Options.EnforceRates;
        // Positions before the first record are that of the first record.
        (_stream, _consumer, _shard, _slot, _position) = (stream, consumer.Arn, shard.Id, slot, Math.Max(1, fromIndex));
        _keys = engine.Keys;
        _log = stream.Current.Log ?? throw new ObjectDisposedException(nameof(DataStream), "The stream has no log.");
        _lastTime = ShardPosition.TimeOf(_log, shard, _position - 1) ?? DateTimeOffset.MinValue;
        _lastEventAt = _time.GetTimestamp();
        _lifetime = _time.CreateTimer(
            static self => ((Subscription)self!).Close(SubscriptionEnd.Expired), this, KinesisLimits.SubscriptionLifetime, Timeout.InfiniteTimeSpan);
        Ended = _ended.Token;
    }

    /// <summary>Fires when the subscription is over, for whatever reason: the sender may be waiting for its client.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Why it is over; None while it lives.</summary>
    public SubscriptionEnd End => (SubscriptionEnd)Volatile.Read(ref _end);

    /// <summary>Why the next record's key cannot be used, after <see cref="SubscriptionEnd.KeyRefused"/>.</summary>
    public KeyState KeyState { get; private set; }

    /// <summary>The stream as it is now.</summary>
    public DataStream.Snapshot Current => _stream.Current;

    /// <summary>Ends the subscription, unless it is over already.</summary>
    public void Close(SubscriptionEnd reason)
    {
        Debug.Assert(reason != SubscriptionEnd.None);
        if (Interlocked.CompareExchange(ref _end, (int)reason, (int)SubscriptionEnd.None) == (int)SubscriptionEnd.None)
            _ended.Cancel();
    }

    /// <summary>
    /// Waits until an event is due: there are records and the rate allows them, or the shard has ended, or nothing was sent for five seconds.
    /// </summary>
    /// <returns>False when the subscription is over.</returns>
    public async ValueTask<bool> NextAsync()
    {
        while (true)
        {
            var seen = _stream.Current;
            if (Over(seen))
                return false;
            var silence = KinesisLimits.EmptyEventInterval - _time.GetElapsedTime(_lastEventAt);
            if (silence <= TimeSpan.Zero)
                return true;
            if (!HasMore(seen))
            {
                await WaitAsync(seen, silence, ForRecords(seen)).ConfigureAwait(false);
                continue;
            }

            var pause = Pause();
            if (pause == TimeSpan.Zero)
                return true;
            await WaitAsync(seen, pause < silence ? pause : silence, records: null).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the event that is due.</summary>
    /// <returns>Its records; the caller disposes it before it sends the event.</returns>
    /// <exception cref="ObjectDisposedException">The stream's log was closed under it; see <see cref="LogClosed"/>.</exception>
    public EventRecords OpenEvent()
    {
        var snapshot = _stream.Current;
        // After the snapshot: a shard that is closed there has its final state here.
        var state = _log.GetShard(_shard.Number);
        var shard = snapshot.Shards.Find(_shard) ?? throw new ObjectDisposedException(nameof(Shard), "The shard has passed its retention.");
        var reader = new ShardReader(_log, _keys, shard, _position, snapshot.Horizon(_time.GetUtcNow()));
        return new EventRecords(this, snapshot, shard, state.NextIndex, reader, mayGive: Pause() == TimeSpan.Zero);
    }

    /// <summary>Ends the subscription because its log was closed: with its stream, or with the server.</summary>
    public void LogClosed() => Close(
        _stream.Current.Row.Status == StreamStatus.Deleting ? SubscriptionEnd.StreamGone
        : _stream.Current.Shards.Find(_shard) is null ? SubscriptionEnd.ShardGone
        : SubscriptionEnd.Stopped);

    /// <summary>Ends the subscription because the next record is encrypted with a key that cannot be used.</summary>
    /// <param name="state">Why. The caller's own: it is read by whoever sends the end.</param>
    public void RefuseKey(KeyState state)
    {
        KeyState = state;
        Close(SubscriptionEnd.KeyRefused);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Close(SubscriptionEnd.ClientGone);
        _slot.Leave(this);
        _lifetime.Dispose();
    }

    internal DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The event goes: the next one begins behind it.</summary>
    internal SequenceNumber Advance(Shard shard, long position, DateTimeOffset? lastTime, long bytes, bool atShardEnd)
    {
        if (position != _position)
            _records = null;
        _position = position;
        _lastTime = lastTime ?? _lastTime;
        _lastEventAt = _time.GetTimestamp();
        if (bytes > 0)
            _slot.Spend(bytes);
        if (atShardEnd)
            Close(SubscriptionEnd.ShardEnd);
        return ShardPosition.Between(shard, position, _lastTime, Now);
    }

    private bool Over(DataStream.Snapshot seen)
    {
        if (End == SubscriptionEnd.None)
        {
            if (seen.Row.Status == StreamStatus.Deleting)
                Close(SubscriptionEnd.StreamGone);
            else if (seen.Consumers.Find(_consumer) is not { Status: ConsumerStatus.Active })
                Close(SubscriptionEnd.ConsumerGone);
            else if (seen.Shards.Find(_shard) is null)
                Close(SubscriptionEnd.ShardGone);
        }

        return End != SubscriptionEnd.None;
    }

    // The end of a shard is an event too. It is known when the snapshot shows the shard closed, with the children that follow it.
    private bool HasMore(DataStream.Snapshot seen) =>
        _position < _log.GetShard(_shard.Number).NextIndex || !seen.Shards.Find(_shard)!.IsOpen;

    private TimeSpan Pause() => _enforceRate ? _slot.Pause() : TimeSpan.Zero;

    private Task? ForRecords(DataStream.Snapshot seen)
    {
        if (_records is { IsCompleted: true } completed)
        {
            _records = null;
            if (completed.Exception?.InnerException is { } failure)
            {
                // What was durable has been given: this is only waited for at the tip.
                if (failure is LogFailedException)
                    Close(SubscriptionEnd.LogFailed);
                else
                    LogClosed();
                return null;
            }
        }

        // Closed in the log, but its children are still to come: the snapshot will change.
        if (_log.GetShard(_shard.Number).ClosedAt is not null && seen.Shards.Find(_shard)!.IsOpen)
            return null;
        return _records ??= _log.WaitForChangeAsync(_shard.Number, _position, Ended);
    }

    // Ends without a word when the time is up or the subscription is over: the caller looks at everything again.
    private async ValueTask WaitAsync(DataStream.Snapshot seen, TimeSpan time, Task? records)
    {
        var change = _stream.ChangedSince(seen);
        if (records is not null)
            change = Task.WhenAny(records, change);
        await change.WaitAsync(time, _time, Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
