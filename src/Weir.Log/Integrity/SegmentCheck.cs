// What is damage and what is not. A sealed segment was fsynced before its successor came to be: every byte of it counts. Behind the last
// whole frame of the last segment anything may lie that a crash tore, unless a frame further on says that the place had been durable.
// The log may be written while it is looked at. Only its last segment changes then, and only by growing or being sealed; a frame that is
// only half there when it is read is whole when it is read again after a later one vouched for it.
using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log.Integrity;

/// <summary>Checks one segment: header, every frame, and what is behind them. In steps, so that a caller can set the pace.</summary>
/// <remarks>Not thread-safe. Borrows the file; dispose gives the buffer back.</remarks>
internal sealed class SegmentCheck : IDisposable
{
    private readonly ILogFile _file;
    private readonly Segment _segment;
    private readonly LogAudit _log;
    private readonly FrameAudit _frames;
    private readonly SealedFooter? _footer;
    private readonly bool _isSealed;
    private readonly bool _knownAsSealed;
    private readonly long _framesEnd;
    private FrameWalk _walk;
    private bool _allFramesWhole = true;
    private bool _headerDamaged;

    /// <summary>Looks at header and footer.</summary>
    /// <param name="file">The segment's file.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="id">The log that it belongs to.</param>
    /// <param name="isSealed">Whether it is known to be sealed: by a segment that follows it, or by the log that has it open.</param>
    /// <param name="nextBase">Where the next segment begins; null when that is not known.</param>
    /// <param name="log">What the segments before said, and where findings go.</param>
    public SegmentCheck(ILogFile file, Segment segment, LogId id, bool isSealed, LogOffset? nextBase, LogAudit log)
    {
        (_file, _segment, _log) = (file, segment, log);
        _knownAsSealed = isSealed;
        _frames = new FrameAudit(segment, log);
        _headerDamaged = !IsHeaderWhole(id);
        _footer = SealedSegmentRecovery.TryReadFooter(file, segment);
        // The footer of the last segment is believed as recovery believes it: a crash may have torn it.
        _isSealed = isSealed || (_footer is not null && SealedSegmentRecovery.HasWholeIndex(file, segment, _footer));
        var next = nextBase is { } offset ? offset - segment.BaseOffset : file.Length;
        _framesEnd = _isSealed ? _footer?.Trailer.FramesEnd ?? next : long.MaxValue;
        if (nextBase is not null && _footer is not null && _framesEnd != next)
        {
            log.Findings.Damage(
                segment.Path, _footer.Trailer.SummariesAt, $"frames up to {next}, where the next segment begins", $"{_framesEnd}",
                LogCheck.DoesNotOpen, LogCheck.RestoreAdvice);
        }

        _walk = new FrameWalk(file, segment);
    }

    /// <summary>Place in the file up to which frames were checked.</summary>
    public long Position => _walk.Position;

    /// <summary>Checks on.</summary>
    /// <param name="bytes">About how many bytes of frames.</param>
    /// <returns>False when the whole segment is checked.</returns>
    public bool Advance(long bytes)
    {
        var until = Position + bytes;
        while (Position < until)
        {
            if (_isSealed && Position >= _framesEnd)
                return Finish();
            if (_walk.TryNext(_framesEnd, out var frame, out var at, out var payload))
                _frames.Add(frame, at, payload);
            else if (!(_isSealed ? StepOverDamage(_framesEnd) : StepOverEnd()))
                return Finish();
        }

        return true;
    }

    public void Dispose() => _walk.Dispose();

    private bool IsHeaderWhole(LogId id)
    {
        try
        {
            return SealedSegmentRecovery.TryReadHeader(_file, _segment, id);
        }
        catch (LogCorruptException)
        {
            // A whole header, of another log, segment or version: said in the same words as damaged bytes.
            return false;
        }
    }

    private bool StepOverDamage(long limit)
    {
        var (from, problem) = (Position, _walk.Problem);
        var found = _walk.TryResume(limit);
        var to = found ? Position : _isSealed ? limit : _file.Length;
        _allFramesWhole = false;
        if (!found)
            _frames.LoseTrack();
        var isTable = from == SegmentHeader.Bytes;
        _log.Findings.DamagedFrames(
            _segment, from, to, problem,
            !_isSealed ? LogCheck.DoesNotOpen
                : isTable ? "The table of the shards' states before this segment; later segments have newer ones."
                : "Reading these records fails with an error that names this file; all others are served.",
            LogCheck.RestoreAdvice);
        if (!found && _isSealed)
            MoveTo(limit, null);
        return found || _isSealed;
    }

    // The end of the last segment, unless something behind it was written after this had been durable.
    private bool StepOverEnd()
    {
        var at = Position;
        using (var scanner = new FrameScanner(_file, _segment.BaseOffset, _segment.Seed))
        {
            if (DurabilityEvidence.Find(scanner, _file, _segment.BaseOffset, at, out var content) is null)
            {
                NoteEnd(content);
                return false;
            }
        }

        // Whoever vouches was written after this place was whole. So it is whole now, or damaged.
        MoveTo(at, _walk.PreviousCrc);
        if (!_walk.TryNext(_framesEnd, out var frame, out var place, out var payload))
            return StepOverDamage(_file.Length);
        _frames.Add(frame, place, payload);
        return true;
    }

    private void NoteEnd(long content)
    {
        if (Position == SegmentHeader.Bytes && _segment.BaseOffset.Value > 0 && _log.Segments.Count == 0)
        {
            _log.Findings.Damage(_segment.Path, Position, "a shard table", _walk.Problem, LogCheck.DoesNotOpen, LogCheck.RestoreAdvice);
            return;
        }

        // Sealed meanwhile by a server: what lies there is the footer.
        if (content == 0 || _headerDamaged || SealedSegmentRecovery.TryReadFooter(_file, _segment) is not null)
            return;
        _log.Findings.Note(
            _segment.Path, Position, "the end of the log", $"{content} bytes of a torn tail ({_walk.Problem})",
            "Nothing of it had been acknowledged as fsynced: a crash left it, or a server is writing it just now. The next start cuts it.");
    }

    private void MoveTo(long position, uint? previousCrc)
    {
        _walk.Dispose();
        _walk = new FrameWalk(_file, _segment, position, previousCrc);
    }

    private bool Finish()
    {
        CheckHeader();
        if (_isSealed && _footer is null && _allFramesWhole && Position == _file.Length)
        {
            // What operations/data.md advises for a damaged index.
            _log.Findings.Note(
                _segment.Path, Position, "a footer", "the end of the file",
                "The footer was cut off. No record is affected: a server makes the index from the frames each time it starts.");
        }
        else if (_isSealed && _footer is null)
        {
            _log.Findings.Damage(
                _segment.Path, _framesEnd, "a footer with a matching checksum", "other bytes",
                "No record is affected: a server makes the index from the frames each time it starts.",
                "Nothing has to be done now; the disk deserves a look.");
        }
        else if (_isSealed)
        {
            Account();
            new FooterCheck(_file, _segment, _footer!, _frames, _allFramesWhole, _log.Findings).Run();
        }

        _log.Segments.Add(new SegmentFacts(
            _segment.Path, _segment.BaseOffset.Value, _isSealed, _file.Length, _isSealed ? _framesEnd : Position, _frames.Frames, _frames.Records,
            _frames.FirstTimeMs is { } first ? ShardAudit.Time(first) : null,
            _frames.LastRecordTimeMs is { } last ? ShardAudit.Time(last) : null));
        return false;
    }

    private void CheckHeader()
    {
        if (!_headerDamaged)
            return;
        // A crash while the segment was being created leaves this; recovery removes the file.
        var neverDurable = !_knownAsSealed && Position == SegmentHeader.Bytes && (_log.Segments.Count > 0 || _segment.BaseOffset.Value == 0) && !_log.Findings.HasDamage;
        if (neverDurable)
            _log.Findings.Note(_segment.Path, 0, "a segment header", "none", "The segment was being created when the server stopped; the next start removes it.");
        else
            _log.Findings.Damage(_segment.Path, 0, $"the header of this segment, version {SegmentHeader.Version}", "other bytes", LogCheck.DoesNotOpen, LogCheck.RestoreAdvice);
    }

    // What the frames do not say, because they are damaged, the footer does: which records were there.
    private void Account()
    {
        foreach (var summary in _footer!.Summaries)
        {
            var shard = _log.GetOrAdd(summary.Shard);
            shard.NextIndex ??= summary.FirstIndex;
            if (shard.NextIndex < summary.NextIndex)
                _log.Findings.Attribute(shard.MissingBefore(summary.NextIndex, Math.Max(summary.LastTimeMs, summary.ClosedMs ?? 0)), behind: shard.KnownTo);
            shard.NextIndex = Math.Max(shard.NextIndex.Value, summary.NextIndex);
            shard.ClosedMs ??= summary.ClosedMs;
            shard.KnownTo = _segment.BaseOffset + _framesEnd;
        }
    }
}
