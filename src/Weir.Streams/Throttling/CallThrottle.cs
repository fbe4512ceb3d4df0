using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weir.Streams.Throttling;

/// <summary>Whose calls of an operation count together.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Account">The account.</param>
/// <param name="Region">The region.</param>
/// <param name="Stream">The stream's name; null where the calls on all streams count together.</param>
public readonly record struct CallKey(string Operation, string Account, string Region, string? Stream);

/// <summary>Admits or refuses calls at a rate a second, each kind by a token bucket that holds the calls of one second.</summary>
/// <remarks>
/// Thread-safe; a call takes the lock for a look-up and a few arithmetic operations. Memory is bounded whatever names callers invent:
/// <code>
///   young   buckets that were asked in the present generation, at least one second long
///   old     buckets that were last asked in the one before; asked again they move to the young ones
/// </code>
/// A bucket that nobody asks for a generation is full again, as a new one would be, so forgetting it changes no decision.
/// </remarks>
public sealed class CallThrottle
{
    /// <summary>Buckets of one generation. Beyond it all that is new shares one bucket for each operation, whatever account or stream it is for.</summary>
    /// <remarks>Twice what 1,000 streams with a call of every operation in one second need; some 4 MB when both generations are full.</remarks>
    public const int MaxBuckets = 20_000;

    // As long as an empty bucket takes to be full, which is what makes forgetting harmless.
    private static readonly TimeSpan Generation = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // All guarded by _gate. Invariant: no key is in both.
    private Dictionary<CallKey, TokenBucket> _young = [];
    private Dictionary<CallKey, TokenBucket> _old = [];
    private long _youngSince;

    /// <summary>Starts with full buckets.</summary>
    public CallThrottle(TimeProvider time)
    {
        _time = time;
        _youngSince = time.GetTimestamp();
    }

    /// <summary>Buckets in memory: at most twice <see cref="MaxBuckets"/>, and one more for each operation.</summary>
    public int Buckets
    {
        get
        {
            lock (_gate)
                return _young.Count + _old.Count;
        }
    }

    /// <summary>Admits one call.</summary>
    /// <param name="key">What it counts for.</param>
    /// <param name="perSecond">Its rate, the same for every call with this key.</param>
    /// <returns>False when the calls of this second are used up; the call does not count then.</returns>
    public bool TryTake(in CallKey key, int perSecond)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            Turn_NeedsLock(now);
            ref var bucket = ref BucketOf_NeedsLock(key, perSecond, now);
            bucket.Refill(now, _time);
            if (bucket.Tokens < 1)
                return false;
            bucket.Take(1);
            return true;
        }
    }

    private void Turn_NeedsLock(long now)
    {
        if (_time.GetElapsedTime(_youngSince, now) < Generation)
            return;
        // What is old now was asked before the present generation began, so it has been full for some time.
        _old.Clear();
        (_old, _young) = (_young, _old);
        _youngSince = now;
    }

    private ref TokenBucket BucketOf_NeedsLock(in CallKey key, int perSecond, long now)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(_young, key);
        if (!Unsafe.IsNullRef(ref known))
            return ref known;
        var at = _young.Count < MaxBuckets ? key : new CallKey(key.Operation, Account: "", Region: "", Stream: null);
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_young, at, out var exists);
        if (!exists)
            bucket = _old.Remove(at, out var old) ? old : new TokenBucket(perSecond, perSecond, now);
        return ref bucket;
    }
}
