using System.Globalization;

namespace Weir.Streams;

/// <summary>A server's data directory: who owns it and where things are in it.</summary>
/// <remarks>
/// <code>
///   weir.lock     held by the one process that owns the directory; the lock ends with the process, however it ends
///   weir.owner    who that is, for the message that the second one prints
///   catalog.db    SQLite: what exists
///   logs/         one directory a stream incarnation
/// </code>
/// </remarks>
public sealed class DataDirectory : IDisposable
{
    // How the operating systems say that somebody else has the lock. Everything else has another cause, and another cure.
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>The catalog's file.</summary>
    public string CatalogFile => CatalogFileOf(Path);

    /// <summary>Where the logs are.</summary>
    public string LogsDirectory => LogsOf(Path);

    /// <summary>Takes the directory, creating it when it does not exist.</summary>
    /// <exception cref="DataDirectoryInUseException">Another process has it; the message says which.</exception>
    /// <exception cref="IOException">It cannot be made or written to: a read-only file system, a full disk, missing rights.</exception>
    public static DataDirectory Take(string path, TimeProvider time)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, exception);
        }

        var ownerFile = System.IO.Path.Combine(path, "weir.owner");
        FileStream taken;
        try
        {
            // FileShare.None is an exclusive advisory lock of the operating system: it cannot outlive the process.
            taken = new FileStream(LockFileOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is SharingViolation or WouldBlockLinux or WouldBlockMac)
        {
            throw new DataDirectoryInUseException(path, ReadOwner(ownerFile), exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, exception);
        }

        try
        {
            File.WriteAllText(ownerFile, string.Create(CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId} on {Environment.MachineName} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk must not keep the server from serving reads: the lock is what counts, the file only makes a better message.
        }

        return new DataDirectory(path, taken);
    }

    /// <summary>Whether a process has a directory at this moment. Looking does not keep a server out for longer than the look takes.</summary>
    public static bool IsInUse(string path)
    {
        try
        {
            // A shared lock: it is refused while somebody has the exclusive one, and two that look do not see each other.
            using var look = new FileStream(LockFileOf(path), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    internal static string CatalogFileOf(string path) => System.IO.Path.Combine(path, "catalog.db");

    internal static string LogsOf(string path) => System.IO.Path.Combine(path, "logs");

    private static string LockFileOf(string path) => System.IO.Path.Combine(path, "weir.lock");

    /// <summary>Gives the directory back.</summary>
    public void Dispose() => _lock.Dispose();

    private static IOException Unusable(string path, Exception cause) => new(
        $"The data directory {path} cannot be written to: {cause.Message.TrimEnd('.')}. Make it writable with some room on its disk, or choose another directory with --data.",
        cause);

    private static string ReadOwner(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}

/// <summary>The data directory belongs to another process.</summary>
public sealed class DataDirectoryInUseException(string path, string owner, Exception cause)
    : Exception($"The data directory {path} is in use by {owner}. Stop that server, or choose another directory with --data.", cause)
{
    /// <summary>Who has it, as that process wrote it.</summary>
    public string Owner { get; } = owner;
}
