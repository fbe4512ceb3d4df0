namespace Weir.Log.Integrity;

/// <summary>What a finding is.</summary>
public enum FindingKind
{
    /// <summary>Worth knowing, and no damage: the torn tail that a crash leaves, for example.</summary>
    Note = 0,

    /// <summary>Stored bytes are not what they were, or contradict each other.</summary>
    Damage = 1,
}

/// <summary>Records that a finding puts out of reach, or makes doubtful.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="FirstIndex">Index of the first.</param>
/// <param name="LastIndex">Index of the last, itself included.</param>
/// <param name="NotBefore">None of them arrived before this.</param>
/// <param name="NotAfter">None of them arrived after this; null when nothing that comes later says so.</param>
public readonly record struct AffectedRecords(int Shard, long FirstIndex, long LastIndex, DateTimeOffset NotBefore, DateTimeOffset? NotAfter);

/// <summary>One thing that a check of stored bytes found.</summary>
/// <param name="Kind">Damage, or only worth knowing.</param>
/// <param name="File">The file, or the directory when a file is missing.</param>
/// <param name="Offset">Byte offset in the file.</param>
/// <param name="Expected">What belongs there.</param>
/// <param name="Found">What is there.</param>
/// <param name="Meaning">What it means for who uses the log, in one sentence.</param>
/// <param name="Advice">What to do; empty when there is nothing to do.</param>
/// <remarks>Immutable.</remarks>
public sealed record LogFinding(FindingKind Kind, string File, long Offset, string Expected, string Found, string Meaning, string Advice)
{
    /// <summary>The records concerned; empty when there are none, or when nothing says which.</summary>
    public IReadOnlyList<AffectedRecords> Affected { get; init; } = [];
}
