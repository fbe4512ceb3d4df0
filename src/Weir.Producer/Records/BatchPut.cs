namespace Weir.Producer.Records;

/// <summary>The outcomes of a batch as they come in. Thread-safe.</summary>
internal sealed class BatchPut(int count) : IPutObserver
{
    private readonly PutOutcome[] _outcomes = new PutOutcome[count];
    private readonly TaskCompletionSource<IReadOnlyList<PutOutcome>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    /// <summary>Completes when each record has its outcome.</summary>
    public Task<IReadOnlyList<PutOutcome>> Done => _done.Task;

    /// <inheritdoc />
    public void Put(int index, in PutResult result)
    {
        _outcomes[index] = new PutOutcome(result, null);
        CountDown();
    }

    /// <inheritdoc />
    public void Failed(int index, in FailedPut failed)
    {
        _outcomes[index] = new PutOutcome(default, failed.Failure);
        CountDown();
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref _missing) == 0)
            _done.TrySetResult(_outcomes);
    }
}
