namespace Weir.Log;

/// <summary>
/// Notices segment files that somebody else has deleted. The log goes on without a word otherwise: a deleted file that is open reads
/// and writes as ever, and is gone at the next start with everything that was acknowledged.
/// </summary>
/// <remarks>Belongs to retention, whose sweep asks every minute: one listing of the directory. Nobody else deletes, so nothing vanishes meanwhile.</remarks>
internal sealed class MissingSegments(LogContext context, Action<Exception> latch)
{
    private readonly HashSet<Segment> _told = [];

    /// <summary>Tells of each missing sealed segment once, and ends writing when it is the active one that is gone.</summary>
    /// <exception cref="StorageFullException">No file handle is left to look.</exception>
    public void Look()
    {
        // While the log rolls or closes nothing is certain; the next sweep looks again.
        if (context.Newest is not { IsOpen: true } active)
            return;
        var known = context.Segments.ToArray();
        var present = Names();
        // Closed by now: then it was its owner who deleted, after closing it.
        if (!active.IsOpen)
            return;
        foreach (var segment in known)
        {
            if (!present.Contains(segment.Name) && _told.Add(segment))
                LogMessages.SealedSegmentGone(context.Logger, segment.Path);
        }

        _told.IntersectWith(known);
        if (!present.Contains(active.Name))
        {
            latch(new FileNotFoundException(
                $"{active.Path} was deleted behind the server's back. What it holds can be read until the server ends: copy it out first.", active.Path));
        }
    }

    private HashSet<string> Names()
    {
        try
        {
            return [.. context.Directory.ListFiles()];
        }
        catch (DirectoryNotFoundException)
        {
            // With all its files.
            return [];
        }
    }
}
