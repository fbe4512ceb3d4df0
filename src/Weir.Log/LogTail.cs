namespace Weir.Log;

/// <summary>The most recent commits of one log in memory, oldest first, so that consumers at the tip never touch the disk.</summary>
/// <remarks>Thread-safe; the lock covers a few steps of memory only.</remarks>
internal sealed class LogTail(TailBudget budget)
{
    private readonly Lock _gate = new();

    // A ring would do; a list with a moving start is simpler, and is compacted when half of it is gone.
    private readonly List<CommitBuffer> _buffers = [];
    private int _start;
    private bool _closed;

    /// <summary>Takes over the caller's reference.</summary>
    public void Add(CommitBuffer buffer)
    {
        lock (_gate)
        {
            if (_closed)
            {
                buffer.Evicted = true;
                buffer.Release();
                return;
            }

            _buffers.Add(buffer);
        }

        budget.Added(this, buffer);
    }

    /// <summary>The commit that holds the byte at this place, with a reference that the caller releases; null when it is not in memory.</summary>
    public CommitBuffer? TryGet(LogOffset offset)
    {
        lock (_gate)
        {
            int low = _start, high = _buffers.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_buffers[middle].End > offset)
                    high = middle;
                else
                    low = middle + 1;
            }

            if (low == _buffers.Count || _buffers[low].Start > offset)
                return null;
            _buffers[low].AddReference();
            return _buffers[low];
        }
    }

    /// <summary>For the budget: lets go of the oldest commits up to and including this one.</summary>
    /// <returns>The bytes given back.</returns>
    public long Evict(CommitBuffer upTo)
    {
        lock (_gate)
        {
            var bytes = 0L;
            while (!upTo.Evicted)
                bytes += EvictOldest_NeedsLock();
            if (_start > 32 && _start * 2 > _buffers.Count)
            {
                _buffers.RemoveRange(0, _start);
                _start = 0;
            }

            return bytes;
        }
    }

    /// <summary>Lets go of everything; the log is closed.</summary>
    public void Close()
    {
        var (commits, bytes) = (0, 0L);
        lock (_gate)
        {
            _closed = true;
            commits = _buffers.Count - _start;
            while (_start < _buffers.Count)
                bytes += EvictOldest_NeedsLock();
            _buffers.Clear();
            _start = 0;
        }

        budget.Closed(commits, bytes);
    }

    private long EvictOldest_NeedsLock()
    {
        var buffer = _buffers[_start];
        _buffers[_start++] = null!;
        buffer.Evicted = true;
        buffer.Release();
        return buffer.HeldBytes;
    }
}
