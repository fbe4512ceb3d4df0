using Weir.Protocol;

namespace Weir.Client.Retries;

/// <summary>What is tried again, and after how long. Thread-safe.</summary>
/// <param name="maxAttempts">Attempts in all, the first one included.</param>
/// <param name="maxDelay">The longest wait.</param>
/// <param name="random">Chance; used under a lock.</param>
internal sealed class RetryPolicy(int maxAttempts, TimeSpan maxDelay, Random random)
{
    /// <summary>Before the first retry of a failure that may be gone at once. The AWS SDKs' standard mode uses the same.</summary>
    public static readonly TimeSpan TransientBase = TimeSpan.FromMilliseconds(50);

    /// <summary>Before the first retry of a throttle: a shard's bucket is full again after a second, so half of it is worth a try.</summary>
    public static readonly TimeSpan ThrottleBase = TimeSpan.FromMilliseconds(500);

    // Doubling stops here, long before the ticks overflow; the maximum is reached earlier.
    private const int MaxDoublings = 20;

    // How the service begins what it says to calls that come too often.
    private const string RateText = "Rate exceeded";

    private static readonly HashSet<string> Throttles = new(StringComparer.Ordinal)
    {
        ErrorCodes.ProvisionedThroughputExceeded, ErrorCodes.LimitExceeded, "ThrottlingException", "Throttling", "ThrottledException",
        "RequestThrottled", "RequestThrottledException", "TooManyRequestsException", "SlowDown", "BandwidthLimitExceeded",
        "KMSThrottlingException",
    };

    private static readonly HashSet<string> Transients = new(StringComparer.Ordinal)
    {
        ErrorCodes.InternalFailure, "InternalFailureException", "ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout",
        "RequestTimeoutException", "RequestAbortedException",
    };

    /// <summary>Whether a refused request may succeed later, unchanged.</summary>
    /// <remarks>
    /// A LimitExceededException is a rate on operations that only look. On those that change something it is a rate or a count (shards,
    /// streams, consumers); only the text tells which, and waiting a second does not help against a count.
    /// </remarks>
    public static bool IsRetryable(KinesisOperation operation, int status, string code, string? message)
    {
        if (code == ErrorCodes.LimitExceeded)
            return OnlyLooks(operation) || message?.StartsWith(RateText, StringComparison.Ordinal) == true;
        return status is >= 500 or 408 or 429 || Throttles.Contains(code) || Transients.Contains(code);
    }

    /// <summary>Whether the failure says "not now" rather than "something broke".</summary>
    public static bool IsThrottle(KinesisFailure failure) => failure.StatusCode == 429 || Throttles.Contains(failure.Code);

    /// <summary>Whether there is another attempt after this one failed.</summary>
    /// <param name="attempt">The failed attempt, from 1.</param>
    /// <param name="failure">Why it failed.</param>
    public bool AllowsAnother(int attempt, KinesisFailure failure) => attempt < maxAttempts && failure.IsRetryable;

    /// <summary>How long to wait before the next attempt: anything between nothing and the doubled base ("full jitter").</summary>
    /// <param name="attempt">The failed attempt, from 1.</param>
    /// <param name="failure">Why it failed.</param>
    public TimeSpan DelayAfter(int attempt, KinesisFailure failure)
    {
        var longest = (IsThrottle(failure) ? ThrottleBase : TransientBase) * (1L << Math.Min(attempt - 1, MaxDoublings));
        if (longest > maxDelay)
            longest = maxDelay;
        lock (random)
            return longest * random.NextDouble();
    }

    private static bool OnlyLooks(KinesisOperation operation) =>
        operation.Name.StartsWith("List", StringComparison.Ordinal)
        || operation.Name.StartsWith("Describe", StringComparison.Ordinal)
        || operation.Name.StartsWith("Get", StringComparison.Ordinal);
}
