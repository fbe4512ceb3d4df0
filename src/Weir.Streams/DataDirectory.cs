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
    public static DataDirectory Take(string path, TimeProvider time)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        var ownerFile = System.IO.Path.Combine(path, "weir.owner");
        FileStream taken;
        try
        {
            // FileShare.None is an exclusive advisory lock of the operating system: it cannot outlive the process.
            taken = new FileStream(LockFileOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new DataDirectoryInUseException(path, ReadOwner(ownerFile), exception);
        }

        try
        {
            File.WriteAllText(ownerFile, string.Create(CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId} on {Environment.MachineName} since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC"));
        }
        catch (IOException)
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
