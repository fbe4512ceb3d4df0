using System.Collections.Concurrent;

namespace Weir.Log;

/// <summary>Bounds the tails of all logs of a store together: the oldest commit of any log leaves first, so busy streams have the memory.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TailBudget(long maxBytes)
{
    private readonly ConcurrentQueue<(LogTail Tail, CommitBuffer Buffer)> _byAge = new();
    private long _bytes;

    /// <summary>Bytes held at present.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Added(LogTail tail, CommitBuffer buffer)
    {
        Interlocked.Add(ref _bytes, buffer.HeldBytes);
        _byAge.Enqueue((tail, buffer));
        while (Bytes > maxBytes && _byAge.TryDequeue(out var oldest))
            GaveBack(oldest.Tail.Evict(oldest.Buffer));
    }

    public void GaveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
