using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// Tells the disk which frames of a shard a reader will want next, so that it does not wait for one after the other: the frames of a shard lie
/// among those of all others, where the system's own reading ahead sees no pattern, or reads megabytes that commits then wait behind.
/// </summary>
/// <remarks>
/// Begins with the first read that has to wait for the disk, and after some bytes. Not thread-safe. Part of a <see cref="SegmentReader"/>, and a
/// struct because there is one for each page that is read.
/// </remarks>
internal struct ReadAhead
{
    // Who has read so much reads on. Less, and looking at a record or two would cost the disk a MiB.
    private const int BeginAfterBytes = 128 * 1024;

    // About a millisecond of a fast disk, which is how long a commit may have to wait behind it; with 4 MiB commits waited longer, and readers
    // got no more.
    private const int AheadBytes = 1024 * 1024;

    private bool _waits;

    // Counted until there is enough to begin.
    private int _readBytes;

    // The first frame that was not announced, and the bytes that were announced and not read yet.
    private int _next;
    private int _aheadBytes;

    /// <summary>To be called after each read.</summary>
    /// <param name="file">What is read.</param>
    /// <param name="index">Where the frames are.</param>
    /// <param name="next">The first frame behind the read.</param>
    /// <param name="bytes">What was read.</param>
    /// <param name="waited">Whether it had to wait for the disk.</param>
    public void AfterRead(ILogFile file, RunCursor index, int next, int bytes, bool waited)
    {
        _waits |= waited;
        if (_readBytes <= BeginAfterBytes)
            _readBytes += bytes;
        _aheadBytes = next >= _next ? 0 : Math.Max(0, _aheadBytes - bytes);
        _next = Math.Max(_next, next);
        if (_waits && _readBytes > BeginAfterBytes && _aheadBytes <= AheadBytes / 2)
            Announce(file, index);
    }

    private void Announce(ILogFile file, RunCursor index)
    {
        while (_aheadBytes < AheadBytes && index.TryPeek(_next, out var first))
        {
            var end = index.EndOfPiece(_next, first, AheadBytes, SegmentReader.MaxGapBytes, out _next);
            file.WillRead(first.FileOffset, end - first.FileOffset);
            _aheadBytes += (int)(end - first.FileOffset);
        }
    }
}
