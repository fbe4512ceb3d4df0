using Microsoft.Extensions.Logging;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>What the parts of one log share.</summary>
internal sealed class LogContext(LogId log, ILogDirectory directory, StoreContext store)
{
    // Changed by the commit loop and by retention; read by anyone.
    private long _storedBytes;

    // Written by the commit loop (and by recovery before it); read by retention.
    private Segment? _newest;

    public LogId Log { get; } = log;

    public ILogDirectory Directory { get; } = directory;

    public LogOptions Options => store.Options;

    public TimeProvider Time => store.Time;

    public ILogger Logger => store.Logger;

    public LogMetrics Metrics => store.Metrics;

    public RoomRelease Room => store.Room;

    public LogShards Shards { get; } = new();

    /// <summary>The sealed segments.</summary>
    public SegmentList Segments { get; } = new();

    public LogTail Tail { get; } = new(store.Tail);

    /// <summary>Bytes of all segment files, room reserved ahead included.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The segment that begins furthest on: the active one, once its file is open.</summary>
    public Segment? Newest => Volatile.Read(ref _newest);

    public Segment NewSegment(LogOffset baseOffset)
    {
        var segment = new Segment(Directory, store.IdleFiles, Log, baseOffset);
        if (_newest is null || baseOffset >= _newest.BaseOffset)
            Volatile.Write(ref _newest, segment);
        return segment;
    }

    /// <summary>The log needs the segment's file no more; readers may.</summary>
    public void Forget(Segment segment)
    {
        segment.LetGo(store.Room.Held);
        store.IdleFiles.Remove(segment);
    }

    public void AddStored(long bytes) => Interlocked.Add(ref _storedBytes, bytes);
}

/// <summary>What all logs of a store share.</summary>
internal sealed class StoreContext(LogOptions options, TimeProvider time, ILogger logger, LogMetrics metrics, RoomRelease room)
{
    public LogOptions Options { get; } = options;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public LogMetrics Metrics { get; } = metrics;

    public RoomRelease Room { get; } = room;

    public IdleFiles IdleFiles { get; } = new();

    public TailBudget Tail { get; } = new(options.TailBytes);

    public ByteBudget Queues { get; } = new(options.TotalQueueBytes);
}
