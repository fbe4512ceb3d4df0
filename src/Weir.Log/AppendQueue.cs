namespace Weir.Log;

/// <summary>What waits for the commit loop: exactly one of the three is set.</summary>
/// <param name="Batch">An append.</param>
/// <param name="Close">The end of a shard.</param>
/// <param name="Roll">A wish of retention.</param>
/// <param name="Bytes">What it counts in the queue's bound. Kept here because a completed batch belongs to its caller again.</param>
internal readonly record struct QueuedWork(AppendBatch? Batch, ShardClose? Close, ExpiredRoll? Roll, long Bytes)
{
    // An empty batch still takes memory; without this the queue of such batches had no bound.
    private const int OverheadBytes = 256;

    public static QueuedWork Of(AppendBatch batch) => new(batch, null, null, batch.Bytes.Length + OverheadBytes);
}

/// <summary>The wish to end a shard.</summary>
internal sealed class ShardClose(int shard)
{
    public int Shard { get; } = shard;

    public TaskCompletionSource<ShardState> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Retention's wish to seal the active segment if everything in it is older than the horizon.</summary>
internal sealed class ExpiredRoll(long horizonMs)
{
    public long HorizonMs { get; } = horizonMs;

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What became of an attempt to enqueue.</summary>
internal enum Enqueued
{
    /// <summary>It waits for the commit loop.</summary>
    Yes,

    /// <summary>The log or the store holds as many bytes as it may.</summary>
    Full,

    /// <summary>The log is closing.</summary>
    Closed,
}

/// <summary>How much waits in a queue.</summary>
/// <param name="Count">Appends and wishes.</param>
/// <param name="Bytes">Of the appends.</param>
/// <param name="HasWish">Whether the log's owner waits for something.</param>
internal readonly record struct QueueLevel(int Count, long Bytes, bool HasWish)
{
    public bool IsEmpty => Count == 0;
}

/// <summary>
/// What has gathered for the next commit of one log. Bounded in bytes, here and over all logs; full means refused at once, because
/// whoever waits in front of a slow disk only makes the memory grow. Bytes count from here until their commit has ended.
/// </summary>
/// <remarks>Thread-safe: anyone enqueues, the commit loop takes.</remarks>
internal sealed class AppendQueue(long maxBytes, ByteBudget allLogs)
{
    private readonly Lock _gate = new();
    private readonly Queue<QueuedWork> _waiting = new();
    private readonly ByteBudget _ours = new(maxBytes);
    private long _waitingBytes;
    private int _wishes;
    private bool _closed;

    /// <summary>Bytes that wait or are being committed.</summary>
    public long Bytes => _ours.Taken;

    /// <summary>What waits for the next commit.</summary>
    public QueueLevel Level
    {
        get
        {
            lock (_gate)
                return Level_NeedsLock;
        }
    }

    private QueueLevel Level_NeedsLock => new(_waiting.Count, _waitingBytes, _wishes > 0);

    /// <summary>Takes an append in.</summary>
    /// <param name="batch">The append.</param>
    /// <param name="level">What waits now, when it was taken in.</param>
    public Enqueued TryEnqueue(AppendBatch batch, out QueueLevel level)
    {
        var work = QueuedWork.Of(batch);
        level = default;
        lock (_gate)
        {
            if (_closed)
                return Enqueued.Closed;
            if (!_ours.TryTake(work.Bytes, oversizedAlone: true))
                return Enqueued.Full;
            if (!allLogs.TryTake(work.Bytes, oversizedAlone: true))
            {
                _ours.GiveBack(work.Bytes);
                return Enqueued.Full;
            }

            _waiting.Enqueue(work);
            _waitingBytes += work.Bytes;
            level = Level_NeedsLock;
            return Enqueued.Yes;
        }
    }

    /// <summary>Enqueues a wish of the log's owner, which is small and rare: no bound.</summary>
    /// <returns>False when the log is closing.</returns>
    public bool TryEnqueue(ShardClose? close = null, ExpiredRoll? roll = null)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            _waiting.Enqueue(new QueuedWork(null, close, roll, Bytes: 0));
            _wishes++;
            return true;
        }
    }

    /// <summary>Moves what waits, in order, up to a number of bytes but at least one piece.</summary>
    public void Take(List<QueuedWork> into, long maxBytes)
    {
        lock (_gate)
        {
            var bytes = 0L;
            while (_waiting.TryPeek(out var work) && (into.Count == 0 || bytes + work.Bytes <= maxBytes))
            {
                bytes += work.Bytes;
                if (work.Batch is null)
                    _wishes--;
                into.Add(_waiting.Dequeue());
            }

            _waitingBytes -= bytes;
        }
    }

    /// <summary>The commit of what was taken has ended.</summary>
    public void GiveBack(List<QueuedWork> taken)
    {
        var bytes = 0L;
        foreach (var work in taken)
            bytes += work.Bytes;
        _ours.GiveBack(bytes);
        allLogs.GiveBack(bytes);
    }

    /// <summary>Nothing more is taken in; what waits is still committed.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
    }
}
