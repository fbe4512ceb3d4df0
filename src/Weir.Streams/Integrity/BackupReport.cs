namespace Weir.Streams.Integrity;

/// <summary>A backup that was made.</summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Streams">Number of streams with a log.</param>
/// <param name="Bytes">Bytes of their logs.</param>
/// <param name="Check">What the check of the copy found; null when it was not checked.</param>
public sealed record BackupReport(string Directory, int Streams, long Bytes, DataReport? Check);

/// <summary>A backup cannot be made; the message says why and what to do.</summary>
public sealed class BackupException(string message) : Exception(message);
