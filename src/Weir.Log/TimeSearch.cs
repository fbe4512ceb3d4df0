namespace Weir.Log;

/// <summary>Finds the place of a time in a shard: a binary search over its runs, then inside one.</summary>
internal static class TimeSearch
{
    public static long Find(LogContext context, int shard, DateTimeOffset time)
    {
        // Records carry whole milliseconds: the first at or after 1.5 ms is the first at or after 2 ms.
        var timeMs = time.ToUnixTimeMilliseconds();
        if (DateTimeOffset.FromUnixTimeMilliseconds(timeMs) < time)
            timeMs++;
        while (context.Shards.Find(shard)?.FindRunByTime(timeMs) is { } run)
        {
            if (run.InMemory)
                return IndexOf(new RunCursor(run, file: null), timeMs);
            // Trimmed meanwhile: out of the shard's sight by now, so the search goes on behind it.
            if (run.Segment.TryLease() is not { } file)
                continue;
            try
            {
                return IndexOf(new RunCursor(run, file), timeMs);
            }
            finally
            {
                run.Segment.Release();
            }
        }

        return context.Shards.StateOf(shard).NextIndex;
    }

    private static long IndexOf(RunCursor cursor, long timeMs)
    {
        var ordinal = cursor.FindTime(timeMs);
        return ordinal < cursor.Count ? cursor.Run.FirstIndex + cursor[ordinal].IndexDelta : cursor.Run.NextIndex;
    }
}
