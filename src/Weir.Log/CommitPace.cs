namespace Weir.Log;

/// <summary>
/// How much has to gather before a commit is worth its fsync: a third of those who wait for one or have just been answered. Clients that send
/// the next record when they have the answer to the last then form groups by themselves, one on its way to the disk while another is being
/// answered and a third is being read; without it a fast disk would serve each of them almost alone, at the price of an fsync for each.
/// </summary>
/// <remarks>Written by the turn, read by everybody who appends. One client never waits, nor do two: a third of them is none.</remarks>
internal sealed class CommitPace(bool gathers)
{
    // 512 KiB: from there on a commit costs by its bytes, and waiting only leaves the disk idle.
    private const long EnoughBytes = 512 * 1024;

    private int _enough = 1;

    /// <summary>Whether a commit is worth it with so much. A wish of the log's owner always is.</summary>
    public bool IsEnough(QueueLevel level) => level.Count >= Volatile.Read(ref _enough) || level.Bytes >= EnoughBytes || level.HasWish;

    /// <summary>A commit has ended.</summary>
    /// <param name="answered">Appends that were in it.</param>
    /// <param name="waiting">Appends that came meanwhile.</param>
    public void Committed(int answered, int waiting)
    {
        if (gathers)
            Volatile.Write(ref _enough, Math.Max(1, (answered + waiting) / 3));
    }
}
