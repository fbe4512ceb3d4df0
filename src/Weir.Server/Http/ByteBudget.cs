using System.Threading.RateLimiting;

namespace Weir.Server.Http;

/// <summary>Bounds the bytes that requests and responses hold together, whatever the number of connections.</summary>
/// <remarks>
/// Thread-safe. Who finds the budget used up waits in line for a bounded time, without having read its body: TCP slows the sender.
/// A full line, or too long a wait, is a refusal.
/// </remarks>
internal sealed class ByteBudget : IDisposable
{
    // Waiters hold no bytes, only their place; more than this many connections waiting is an overload to be told at once.
    private const int MaxWaitingBytes = int.MaxValue / 2;

    private readonly ConcurrencyLimiter _limiter;
    private readonly TimeProvider _time;
    private readonly TimeSpan _longestWait;
    private long _refusals;

    /// <summary>Makes a budget.</summary>
    /// <param name="bytes">Total.</param>
    /// <param name="longestWait">How long a request waits for its share.</param>
    /// <param name="time">Measures the wait.</param>
    public ByteBudget(int bytes, TimeSpan longestWait, TimeProvider time)
    {
        Bytes = bytes;
        _time = time;
        _longestWait = longestWait;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = bytes,
            QueueLimit = MaxWaitingBytes,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>The total.</summary>
    public int Bytes { get; }

    /// <summary>What is taken.</summary>
    public long UsedBytes => Bytes - (_limiter.GetStatistics()?.CurrentAvailablePermits ?? Bytes);

    /// <summary>What is waited for.</summary>
    public long WaitingBytes => _limiter.GetStatistics()?.CurrentQueuedCount ?? 0;

    /// <summary>Waits that were in vain.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>Takes bytes at once, or not at all.</summary>
    /// <returns>What gives them back when disposed, or null.</returns>
    public IDisposable? TryTake(int bytes)
    {
        var lease = _limiter.AttemptAcquire(bytes);
        if (lease.IsAcquired)
            return lease;
        lease.Dispose();
        return null;
    }

    /// <summary>Takes bytes, waiting for them.</summary>
    /// <returns>What gives them back when disposed, or null when the wait was too long.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<IDisposable?> TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        if (TryTake(bytes) is { } taken)
            return taken;
        using var timeout = new CancellationTokenSource(_longestWait, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var lease = await _limiter.AcquireAsync(bytes, ended.Token).ConfigureAwait(false);
            if (lease.IsAcquired)
                return lease;
            lease.Dispose();
            return Refused();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Refused();
        }
    }

    private IDisposable? Refused()
    {
        Interlocked.Increment(ref _refusals);
        return null;
    }

    /// <inheritdoc />
    public void Dispose() => _limiter.Dispose();
}
