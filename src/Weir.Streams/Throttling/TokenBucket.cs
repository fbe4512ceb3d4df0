namespace Weir.Streams.Throttling;

/// <summary>A token bucket in the time of a <see cref="TimeProvider"/>.</summary>
/// <remarks>
/// Not thread-safe: its owner holds a lock, because an admission takes from two buckets or from neither. Not the framework's limiter,
/// which reads the machine's clock itself and so cannot be tested in virtual time (docs/adr/0004-own-token-bucket.md).
/// </remarks>
internal struct TokenBucket
{
    private readonly double _capacity;
    private readonly double _perSecond;
    private double _tokens;
    private long _refilledAt;

    /// <summary>A full bucket.</summary>
    /// <param name="capacity">Tokens that it holds at most.</param>
    /// <param name="perSecond">Tokens that flow in.</param>
    /// <param name="now">A timestamp of the same clock as later ones.</param>
    public TokenBucket(double capacity, double perSecond, long now)
    {
        _capacity = _tokens = capacity;
        _perSecond = perSecond;
        _refilledAt = now;
    }

    private TokenBucket(double capacity, double perSecond, double tokens, long now)
        : this(capacity, perSecond, now) => _tokens = tokens;

    /// <summary>The same bucket with another capacity; what does not fit is gone.</summary>
    public readonly TokenBucket WithCapacity(double capacity) => new(capacity, _perSecond, Math.Min(_tokens, capacity), _refilledAt);

    /// <summary>What the bucket holds; may be negative after <see cref="Take"/>.</summary>
    public readonly double Tokens => _tokens;

    /// <summary>Adds what has flowed in since the last call.</summary>
    public void Refill(long now, TimeProvider time)
    {
        var elapsed = time.GetElapsedTime(_refilledAt, now).TotalSeconds;
        if (elapsed <= 0)
            return;
        _tokens = Math.Min(_capacity, _tokens + (elapsed * _perSecond));
        _refilledAt = now;
    }

    /// <summary>Takes tokens, also ones that are not there: the debt has to flow in again before the balance is positive.</summary>
    public void Take(double tokens) => _tokens -= tokens;
}
