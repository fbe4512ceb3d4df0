namespace Weir.Log.Integrity;

/// <summary>What the check of a log has found so far. Which records a damaged place held shows only later, by what is missing of its shards.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Findings
{
    // A directory of garbage must not fill memory with complaints; the first hundred of a log tell enough.
    private const int MostKept = 100;

    private readonly List<Entry> _entries = [];

    /// <summary>How many there were beyond those that are kept.</summary>
    public int Dropped { get; private set; }

    /// <summary>Whether there is damage.</summary>
    public bool HasDamage { get; private set; }

    /// <summary>A damaged place, which later facts may say more of.</summary>
    internal sealed record Entry(LogFinding Finding, LogOffset From, LogOffset To)
    {
        public List<AffectedRecords> Affected { get; } = [.. Finding.Affected];
    }

    public void Note(string file, long offset, string expected, string found, string meaning) =>
        Add(new LogFinding(FindingKind.Note, file, offset, expected, found, meaning, ""), default, default);

    public void Damage(string file, long offset, string expected, string found, string meaning, string advice, params AffectedRecords[] affected) =>
        Add(new LogFinding(FindingKind.Damage, file, offset, expected, found, meaning, advice) { Affected = affected }, default, default);

    /// <summary>Frames that cannot be read, from one offset of the log to another.</summary>
    public void DamagedFrames(Segment segment, long from, long to, string problem, string meaning, string advice) => Add(
        new LogFinding(FindingKind.Damage, segment.Path, from, to > from ? $"whole frames up to {to}" : "a frame that follows the one before", problem, meaning, advice),
        segment.BaseOffset + from,
        segment.BaseOffset + Math.Max(to, from + 1));

    /// <summary>Says which records are missing, of every damaged place behind an offset of the log.</summary>
    /// <returns>False when there is no such place: nothing explains why they are missing.</returns>
    public bool Attribute(AffectedRecords missing, LogOffset behind)
    {
        var explained = Dropped > 0;
        foreach (var entry in _entries.Where(entry => entry.To > behind))
        {
            entry.Affected.Add(missing);
            explained = true;
        }

        return explained;
    }

    /// <summary>Takes back what was found in a file that turned out to be no part of the log any more.</summary>
    public void TakeBack(string file)
    {
        _entries.RemoveAll(entry => entry.Finding.File == file);
        HasDamage = _entries.Exists(entry => entry.Finding.Kind == FindingKind.Damage);
    }

    public LogFinding[] ToArray() => [.. _entries.Select(entry => entry.Finding with { Affected = [.. entry.Affected] })];

    private void Add(LogFinding finding, LogOffset from, LogOffset to)
    {
        HasDamage |= finding.Kind == FindingKind.Damage;
        if (_entries.Count < MostKept)
            _entries.Add(new Entry(finding, from, to));
        else
            Dropped++;
    }
}
