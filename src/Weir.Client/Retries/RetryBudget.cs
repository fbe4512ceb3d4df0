namespace Weir.Client.Retries;

/// <summary>
/// What all retries of a client together may spend: while everything fails, retries dry up and each request is tried once, so that
/// a server in trouble is not buried. The figures are those of the AWS SDKs' standard retry mode. Thread-safe.
/// </summary>
internal sealed class RetryBudget
{
    /// <summary>The full budget, which is also where it begins.</summary>
    public const int Capacity = 500;

    /// <summary>What one retry costs. It comes back when the retry succeeds.</summary>
    public const int RetryCost = 5;

    /// <summary>What a retry after a timeout costs: it holds the server's resources for longest.</summary>
    public const int TimeoutCost = 10;

    /// <summary>What a request that succeeds at once pays in.</summary>
    public const int SuccessRefund = 1;

    // Invariant: 0 <= _tokens <= Capacity. Written under the lock.
    private readonly Lock _lock = new();
    private int _tokens = Capacity;

    /// <summary>What is left.</summary>
    public int Tokens
    {
        get
        {
            lock (_lock)
                return _tokens;
        }
    }

    /// <summary>Takes the cost of a retry.</summary>
    /// <returns>False when too little is left: do not retry.</returns>
    public bool TrySpend(int cost)
    {
        lock (_lock)
        {
            if (_tokens < cost)
                return false;
            _tokens -= cost;
            return true;
        }
    }

    /// <summary>Pays in after a success.</summary>
    /// <param name="spentOnLastRetry">What the succeeding attempt had cost; 0 for a first attempt.</param>
    public void Refund(int spentOnLastRetry)
    {
        lock (_lock)
            _tokens = Math.Min(Capacity, _tokens + Math.Max(spentOnLastRetry, SuccessRefund));
    }
}
