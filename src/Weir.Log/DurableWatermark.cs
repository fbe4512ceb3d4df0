namespace Weir.Log;

/// <summary>How far the log is on the disk.</summary>
/// <remarks>Written by the commit loop only; read by anyone. Invariant: synced &lt;= acknowledged.</remarks>
internal sealed class DurableWatermark(LogOffset recovered)
{
    private long _acknowledged = recovered.Value;
    private long _synced = recovered.Value;

    /// <summary>Everything below is durable at the configured level: acknowledged, and visible to readers.</summary>
    public LogOffset Acknowledged => new(Volatile.Read(ref _acknowledged));

    /// <summary>Everything below was fsynced. Each frame states it, so that recovery can tell a torn tail from damage.</summary>
    public LogOffset Synced => new(Volatile.Read(ref _synced));

    public bool HasUnsynced => Synced < Acknowledged;

    public void Acknowledge(LogOffset end)
    {
        Invariant.Check(end >= Acknowledged);
        Volatile.Write(ref _acknowledged, end.Value);
    }

    public void Sync(LogOffset end)
    {
        Invariant.Check(end >= Synced);
        if (end > Acknowledged)
            Acknowledge(end);
        Volatile.Write(ref _synced, end.Value);
    }
}
