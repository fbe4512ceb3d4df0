using System.Collections.Concurrent;
using Weir.Model;
using Weir.Streams.Consumers;

namespace Weir.Streams.Subscriptions;

/// <summary>Begins subscriptions, at most one live for each consumer and shard (spec section 7.6).</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SubscriptionRegistry
{
    private const int FirstPrune = 256;

    private readonly StreamEngine _engine;
    private readonly ConcurrentDictionary<(long Consumer, ShardId Shard), SubscriptionSlot> _slots = new();

    // How many slots there may be before those that mean nothing any more are looked for. A race only makes it happen twice.
    private int _pruneAt = FirstPrune;

    internal SubscriptionRegistry(StreamEngine engine) => _engine = engine;

    /// <summary>Begins a subscription, which ends an older one of the same consumer and shard.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="consumer">An ACTIVE consumer of it.</param>
    /// <param name="shard">A shard of it.</param>
    /// <param name="fromIndex">The next record is the first with at least this index that is not beyond retention.</param>
    /// <param name="subscription">The live subscription, which the caller disposes; null when refused.</param>
    /// <exception cref="ObjectDisposedException">The stream's log was closed: the stream is being deleted.</exception>
    public SubscribeOutcome TryBegin(
        DataStream stream, StreamConsumer consumer, Shard shard, long fromIndex, out Subscription? subscription)
    {
        while (true)
        {
            var slot = SlotOf(consumer, shard);
            subscription = new Subscription(_engine, stream, consumer, shard, slot, fromIndex);
            var outcome = slot.TryEnter(subscription, _engine.Options.EnforceRates, out var displaced);
            displaced?.Close(SubscriptionEnd.TakenOver);
            if (outcome == SubscribeOutcome.Accepted)
                return SubscribeOutcome.Accepted;
            subscription.Dispose();
            subscription = null;
            if (outcome is { } refused)
                return refused;
        }
    }

    /// <summary>What <see cref="TryBegin"/> would come to, without doing or costing anything.</summary>
    public SubscribeOutcome Ask(StreamConsumer consumer, Shard shard) =>
        _slots.TryGetValue((consumer.Id, shard.Id), out var slot)
            ? slot.TryEnter(subscription: null, _engine.Options.EnforceRates, out _) ?? SubscribeOutcome.Accepted
            : SubscribeOutcome.Accepted;

    /// <summary>How many places are remembered, for tests of their bound.</summary>
    internal int Slots => _slots.Count;

    private SubscriptionSlot SlotOf(StreamConsumer consumer, Shard shard)
    {
        var key = (consumer.Id, shard.Id);
        if (_slots.TryGetValue(key, out var known))
            return known;
        if (_slots.Count >= Volatile.Read(ref _pruneAt))
            Prune();
        return _slots.GetOrAdd(key, new SubscriptionSlot(_engine.Time));
    }

    // Consumers and shards come and go, and leave their slots. Looked through when their number has doubled: a little for each new one.
    private void Prune()
    {
        foreach (var slot in _slots)
        {
            if (slot.Value.TryRetire())
                _slots.TryRemove(slot);
        }

        Volatile.Write(ref _pruneAt, Math.Max(FirstPrune, _slots.Count * 2));
    }
}
