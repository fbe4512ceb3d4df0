using System.Collections.Concurrent;

namespace Weir.Log;

/// <summary>Bounds the tails of all logs of a store together: the oldest commit of any log leaves first, so busy streams have the memory.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TailBudget(long maxBytes)
{
    private readonly ConcurrentQueue<(LogTail Tail, CommitBuffer Buffer)> _byAge = new();
    private long _bytes;

    // Entries whose commits have gone with their log: only age would take them out, and on a server that is never full nothing does.
    private int _gone;

    // 1 while somebody takes them out.
    private int _sweeping;

    /// <summary>Bytes held at present.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Commits that are remembered by age, those that have gone with their log too. For tests of their bound.</summary>
    internal int Entries => _byAge.Count;

    public void Added(LogTail tail, CommitBuffer buffer)
    {
        Interlocked.Add(ref _bytes, buffer.HeldBytes);
        _byAge.Enqueue((tail, buffer));
        while (Bytes > maxBytes && _byAge.TryDequeue(out var oldest))
            GaveBack(oldest.Tail.Evict(oldest.Buffer));
    }

    /// <summary>A log was closed and has let go of all its commits.</summary>
    public void Closed(int commits, long bytes)
    {
        GaveBack(bytes);
        // When they are the larger part: a little work for each that goes.
        if (Interlocked.Add(ref _gone, commits) * 2L > _byAge.Count)
            Sweep();
    }

    private void GaveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    // Once round the queue. A commit that is added meanwhile gets in front of those that are put back: it leaves too early, which costs a read from the disk.
    private void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
            return;
        Interlocked.Exchange(ref _gone, 0);
        for (var left = _byAge.Count; left > 0 && _byAge.TryDequeue(out var entry); left--)
        {
            if (!entry.Buffer.Evicted)
                _byAge.Enqueue(entry);
        }

        Volatile.Write(ref _sweeping, 0);
    }
}
