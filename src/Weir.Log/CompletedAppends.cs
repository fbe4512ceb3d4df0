using System.Collections.Concurrent;

namespace Weir.Log;

/// <summary>
/// A few appends whose callers go on one after the other, as one item of work: with an item for each, waking threads for them cost as
/// much as what they then do.
/// </summary>
internal sealed class CompletedAppends : IThreadPoolWorkItem
{
    // Eight answers take some 100 us: not worth a second thread, and nobody waits long behind them.
    private const int MaxAppends = 8;

    // An append of many records has a long answer to write; those behind it would wait for that.
    private const int MaxBytes = 16 * 1024;

    private const int MaxPooled = 64;
    private static readonly ConcurrentQueue<CompletedAppends> Pool = new();

    private readonly AppendBatch?[] _appends = new AppendBatch?[MaxAppends];
    private int _count;
    private bool _mayStay;

    private CompletedAppends()
    {
    }

    /// <summary>Completes the appends of a commit.</summary>
    public static void Complete(List<QueuedWork> work, ICommitScheduler scheduler)
    {
        CompletedAppends? group = null;
        var bytes = 0L;
        foreach (var item in work)
        {
            if (item.Batch is null)
                continue;
            if (group is not null && (group._count == MaxAppends || bytes + item.Bytes > MaxBytes || group._mayStay != MayStay(item)))
            {
                scheduler.Answer(group, group._mayStay);
                group = null;
            }

            if (group is null)
            {
                group = Pool.TryDequeue(out var pooled) ? pooled : new CompletedAppends();
                group._mayStay = MayStay(item);
                bytes = 0;
            }

            group._appends[group._count++] = item.Batch;
            bytes += item.Bytes;
        }

        if (group is not null)
            scheduler.Answer(group, group._mayStay);
    }

    // A long answer would keep the thread from its next commit.
    private static bool MayStay(in QueuedWork item) => item.Batch!.AnsweredInPlace && item.Bytes <= MaxBytes;

    void IThreadPoolWorkItem.Execute()
    {
        var count = _count;
        for (var i = 0; i < count; i++)
        {
            // From here on the batch is its caller's again.
            var append = _appends[i]!;
            _appends[i] = null;
            append.CompleteHere();
        }

        _count = 0;
        if (Pool.Count < MaxPooled)
            Pool.Enqueue(this);
    }
}
