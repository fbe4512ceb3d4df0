using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Weir.Model;

namespace Weir.Producer.Records;

/// <summary>
/// A user record between its put and its outcome, and the promise that its caller awaits. Pooled: it goes back when it has its outcome
/// and the caller has taken it.
/// </summary>
/// <remarks>
/// One life: rented, perhaps waiting for credit (its data is the caller's then), accepted (its data was copied), ended. The caller's
/// cancellation ends the wait and not the record, unless that still waits for credit.
/// </remarks>
internal sealed class PendingRecord : IValueTaskSource<PutResult>
{
    private readonly PendingRecordPool _pool;

    // Continuations run on the pool's threads: a caller's code must not run in the middle of ours.
    private ManualResetValueTaskSourceCore<PutResult> _promise = new() { RunContinuationsAsynchronously = true };

    // 1 once the promise is kept: by the outcome, or by the caller's cancellation.
    private int _ended;

    // Who still needs the object: the producer until the outcome, the caller until it takes the result.
    private int _owners;
    private int _index;
    private CancellationTokenRegistration _cancellation;

    internal PendingRecord(PendingRecordPool pool)
    {
        _pool = pool;
    }

    /// <summary>Who learns of its outcome in place of a caller who awaits it, if anybody.</summary>
    public IPutObserver? Observer { get; private set; }

    /// <summary>Its partition key.</summary>
    public string PartitionKey { get; private set; } = "";

    /// <summary>Its explicit hash key, if it has one.</summary>
    public HashKey? ExplicitHashKey { get; private set; }

    /// <summary>What decides its shard.</summary>
    public HashKey HashKey { get; private set; }

    /// <summary>What it takes of the credit.</summary>
    public int CreditBytes { get; private set; }

    /// <summary>The flush that waits for it.</summary>
    public FlushEpoch Epoch { get; private set; } = null!;

    /// <summary>When its data was copied; its time to live counts from there.</summary>
    public TimeSpan AcceptedAt { get; set; }

    /// <summary>The attempts so far; shared with the records of the same aggregate, and never changed in place.</summary>
    public PutAttempt[] Attempts { get; set; } = [];

    /// <summary>The activity in which it was put, if somebody listens.</summary>
    public ActivityContext Origin { get; private set; }

    /// <summary>The caller's data, while it waits for credit; empty afterwards.</summary>
    public ReadOnlyMemory<byte> WaitingData { get; set; }

    /// <summary>Completes on acceptance, for a posted record that had to wait; null otherwise.</summary>
    public TaskCompletionSource? Acceptance { get; set; }

    /// <summary>The bound of its shard that it was counted in by, if any. Written under the credit's lock.</summary>
    public ShardCredit? Shard;

    /// <summary>Where it waits, if it does, and its neighbours there. Written under the credit's lock.</summary>
    public WaitingRecords? WaitsIn;

    /// <inheritdoc cref="WaitsIn"/>
    public PendingRecord? Previous, Next;

    internal void Begin(string partitionKey, HashKey? explicitHashKey, HashKey hashKey, int creditBytes, FlushEpoch epoch, IPutObserver? observer, int index)
    {
        Debug.Assert(_owners == 0, "A record is rented when nobody needs it.");
        PartitionKey = partitionKey;
        ExplicitHashKey = explicitHashKey;
        HashKey = hashKey;
        CreditBytes = creditBytes;
        Epoch = epoch;
        Origin = ProducerTelemetry.Origin;
        Observer = observer;
        _index = index;
        _ended = 0;
        _owners = observer is null ? 2 : 1;
    }

    /// <summary>The caller's promise. To be awaited once.</summary>
    public ValueTask<PutResult> Promise => new(this, _promise.Version);

    /// <summary>Lets the caller end its wait. To be called before the promise is given out, and without a lock.</summary>
    public void EndWaitOn(CancellationToken cancellationToken, Action<PendingRecord, CancellationToken> cancelled)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var (record, action) = ((PendingRecord, Action<PendingRecord, CancellationToken>))state!;
                    action(record, token);
                },
                (this, cancelled));
        }
    }

    /// <summary>Ends the caller's wait; the record goes its way.</summary>
    public void EndWait(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            _promise.SetException(new OperationCanceledException(cancellationToken));
    }

    /// <summary>The record is stored, or was dropped. Its last use by the producer.</summary>
    public void Succeed(in PutResult result)
    {
        if (Observer is { } observer)
            observer.Put(_index, result);
        else if (Interlocked.Exchange(ref _ended, 1) == 0)
            _promise.SetResult(result);
        Release();
    }

    /// <summary>The record failed. Its last use by the producer.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="data">Its payload, lent for the call.</param>
    public void Fail(PutFailedException failure, ReadOnlyMemory<byte> data)
    {
        if (Observer is { } observer)
            observer.Failed(_index, new FailedPut(PartitionKey, ExplicitHashKey, data, failure));
        else if (Interlocked.Exchange(ref _ended, 1) == 0)
            _promise.SetException(failure);
        Release();
    }

    /// <summary>The producer has no more use for it, and it has no outcome: it was cancelled before it was accepted.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) > 0)
            return;
        PartitionKey = "";
        Epoch = null!;
        Attempts = [];
        WaitingData = default;
        Acceptance = null;
        Shard = null;
        Observer = null;
        _promise.Reset();
        _pool.Return(this);
    }

    PutResult IValueTaskSource<PutResult>.GetResult(short token)
    {
        if (token != _promise.Version)
            throw new InvalidOperationException("The result of a put can be taken once only: await the task once, or use AsTask().");
        try
        {
            return _promise.GetResult(token);
        }
        finally
        {
            // Waits for a cancellation that is running: it must not meet the record's next life.
            _cancellation.Dispose();
            _cancellation = default;
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<PutResult>.GetStatus(short token) => _promise.GetStatus(token);

    void IValueTaskSource<PutResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _promise.OnCompleted(continuation, state, token, flags);
}
