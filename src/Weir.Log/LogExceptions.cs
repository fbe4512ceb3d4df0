namespace Weir.Log;

/// <summary>
/// The log stopped taking appends because of an earlier failure, which is the inner exception. Readers go on. What to do:
/// docs/operations/failures.md.
/// </summary>
public sealed class LogFailedException(string log, Exception cause) : Exception(
    $"Log {log} takes no appends since an earlier failure and must be reopened: {cause.Message} Remove the cause, then restart the server.", cause);

/// <summary>
/// The operating system has no more of something that is given back some day: room on the disk (or in the memory allowance), or file
/// handles. Nothing has changed; the same call may succeed later.
/// </summary>
public sealed class StorageFullException : Exception
{
    /// <summary>There is no room.</summary>
    /// <param name="what">What there is no room for.</param>
    /// <param name="cause">As the operating system put it.</param>
    public StorageFullException(string what, Exception? cause = null)
        : base($"No room left for {what}. It works again as soon as some is freed.", cause)
    {
    }

    private StorageFullException(Exception cause, string message)
        : base(message, cause)
    {
    }

    internal static StorageFullException NoHandles(string path, Exception cause) => new(
        cause, $"No file handle left to open {path}. It works again as soon as some are free: raise the limit of open files (ulimit -n, LimitNOFILE), or have fewer clients.");
}

/// <summary>Bytes that had been durable do not match their checksum or their format.</summary>
public sealed class LogCorruptException(string file, long offset, string expected, string found) : Exception(
    $"{file} is corrupt at offset {offset}: expected {expected}, found {found}. No file was changed. Put the file back from a backup; without one see docs/operations/failures.md#a-segment-was-changed-behind-its-back.")
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Byte offset in the file.</summary>
    public long Offset { get; } = offset;
}

/// <summary>A segment file could not be opened or read, for the reason that is the inner exception. The same read may succeed later.</summary>
/// <remarks>Its own kind and no <see cref="IOException"/>: a server takes those for its client's connection.</remarks>
public sealed class LogUnreadableException(string file, Exception cause)
    : Exception($"{file} cannot be read: {cause.Message.TrimEnd('.')}. {AdviceFor(cause)}", cause)
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    private static string AdviceFor(Exception cause) => cause switch
    {
        FileNotFoundException => "It was deleted behind the server's back: put it back from a backup.",
        StorageFullException => "The same read works then.",
        _ => "Look for errors of the disk in the machine's log; the same read works again when they are gone.",
    };
}
