using Weir.Model;
using Weir.Streams.Throttling;

namespace Weir.Streams.Subscriptions;

/// <summary>What became of an attempt to subscribe.</summary>
public enum SubscribeOutcome
{
    /// <summary>The subscription lives, and an older one of the same consumer and shard is over.</summary>
    Accepted,

    /// <summary>Fewer than five seconds have passed since the last accepted call, whatever has become of its subscription.</summary>
    AnotherActive,

    /// <summary>More than one call in a second.</summary>
    RateExceeded,
}

/// <summary>The place of one consumer on one shard: which subscription is the live one, when the next may come, and how much it has had.</summary>
/// <remarks>Thread-safe. Outlives its subscriptions: who subscribes again gets neither another burst nor around the five seconds.</remarks>
internal sealed class SubscriptionSlot
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // All guarded by _gate.
    private TokenBucket _calls;
    private TokenBucket _bytes;
    private Subscription? _live;
    private long? _acceptedAt;
    private bool _retired;

    public SubscriptionSlot(TimeProvider time)
    {
        _time = time;
        var now = time.GetTimestamp();
        _calls = new TokenBucket(KinesisLimits.SubscribeCallsPerSecond, KinesisLimits.SubscribeCallsPerSecond, now);
        _bytes = new TokenBucket(KinesisLimits.SubscriptionBytesPerSecond, KinesisLimits.SubscriptionBytesPerSecond, now);
    }

    /// <summary>Makes a subscription the live one when the rules allow it.</summary>
    /// <param name="subscription">The newcomer; null only asks, and costs nothing.</param>
    /// <param name="enforceRate">Whether calls are counted.</param>
    /// <param name="displaced">The one that was live before, for the caller to end outside of all locks.</param>
    /// <returns>Null when the slot has been retired and a new one has to be asked.</returns>
    public SubscribeOutcome? TryEnter(Subscription? subscription, bool enforceRate, out Subscription? displaced)
    {
        displaced = null;
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            if (_retired)
                return null;
            _calls.Refill(now, _time);
            var withinRate = !enforceRate || _calls.Tokens >= 1;
            // Refused calls count too.
            if (subscription is not null && withinRate)
                _calls.Take(1);
            if (_acceptedAt is { } accepted && _time.GetElapsedTime(accepted, now) < KinesisLimits.ResubscribeInterval)
                return SubscribeOutcome.AnotherActive;
            if (!withinRate)
                return SubscribeOutcome.RateExceeded;
            if (subscription is null)
                return SubscribeOutcome.Accepted;
            (displaced, _live, _acceptedAt) = (_live, subscription, now);
            return SubscribeOutcome.Accepted;
        }
    }

    /// <summary>The subscription is over.</summary>
    public void Leave(Subscription subscription)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_live, subscription))
                _live = null;
        }
    }

    /// <summary>How long to wait before the next event with records may be sent.</summary>
    /// <remarks>As for shared readers: an event goes while the balance is positive, and may leave a debt.</remarks>
    public TimeSpan Pause()
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _bytes.Refill(now, _time);
            // A debt of nothing is still no balance, and timers count whole milliseconds.
            return _bytes.Tokens > 0
                ? TimeSpan.Zero
                : TimeSpan.FromMilliseconds(1 + Math.Ceiling(-_bytes.Tokens * 1000 / KinesisLimits.SubscriptionBytesPerSecond));
        }
    }

    /// <summary>Books the records of an event.</summary>
    public void Spend(long bytes)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            _bytes.Refill(now, _time);
            _bytes.Take(bytes);
        }
    }

    /// <summary>Retires the slot when it means nothing any more: nobody subscribes, and whoever does next finds nothing that binds it.</summary>
    public bool TryRetire()
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            // A slot that nobody has entered yet is about to be.
            if (_live is not null || _acceptedAt is not { } accepted || _time.GetElapsedTime(accepted, now) < KinesisLimits.ResubscribeInterval)
                return false;
            return _retired = true;
        }
    }
}
