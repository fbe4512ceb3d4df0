namespace Weir.Log;

/// <summary>The log stopped taking appends because of an earlier failure, which is the inner exception. Readers go on.</summary>
public sealed class LogFailedException(string log, Exception cause)
    : Exception($"Log {log} takes no appends since an earlier failure and must be reopened: {cause.Message}", cause);

/// <summary>There is no room on the disk (or in the memory allowance). Nothing has changed; the same call may succeed later.</summary>
public sealed class StorageFullException(string what, Exception? cause = null)
    : Exception($"No room left for {what}.", cause);

/// <summary>Bytes that had been durable do not match their checksum or their format.</summary>
public sealed class LogCorruptException(string file, long offset, string expected, string found)
    : Exception($"{file} is corrupt at offset {offset}: expected {expected}, found {found}.")
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Byte offset in the file.</summary>
    public long Offset { get; } = offset;
}
