using System.Runtime.InteropServices;

namespace Weir.Log.Storage;

/// <summary>
/// The last file handles that the process may have, which Weir leaves to the .NET runtime. It needs some to start a thread, or to read how much
/// memory there is, and ends the process when it gets none.
/// </summary>
/// <remarks>
/// Linux gives out the lowest free number, so the number of a handle opened for a moment tells how many are open: at least as many. A look costs
/// two system calls, some microseconds, which only whoever opens a file or accepts a connection pays. Two that look at once may both pass: the
/// reserve is large enough for that. Elsewhere there is no reserve. Thread-safe.
/// </remarks>
public static partial class FileHandleReserve
{
    /// <summary>How many are left alone: so many, or an eighth of the limit when that is less.</summary>
    public const int Handles = 32;

    private const int LimitOfOpenFiles = 7;
    private const int OpenPathOnly = 0x200000;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Whether somebody has taken from the reserve. Who has just opened something that it could do without gives it back then.</summary>
    public static bool IsTouched => Look() is var (lowestFree, limit) && lowestFree > BeginsAt(limit);

    /// <summary>Whether one handle more would come from the reserve.</summary>
    internal static bool IsReached => Look() is var (lowestFree, limit) && lowestFree >= BeginsAt(limit);

    /// <summary>The first number that is not Weir's to take.</summary>
    internal static int BeginsAt(int limit) => limit - Math.Min(Handles, limit / 8);

    /// <summary>To be called before a file of the store is opened, so that nothing has been created when it is refused.</summary>
    /// <exception cref="StorageFullException">Only the reserve is left.</exception>
    internal static void Spare(string path)
    {
        if (IsReached)
            throw StorageFullException.NoHandles(path, Spared());
    }

    /// <summary>Why nothing was opened, though the system would have.</summary>
    internal static IOException Spared() => new($"No file handle left: the last {Handles} are the runtime's.");

    private static (int LowestFree, int Limit)? Look()
    {
        if (!OperatingSystem.IsLinux() || getrlimit(LimitOfOpenFiles, out var limit) != 0 || limit.Soft > int.MaxValue)
            return null;
        var lowestFree = open("/", OpenPathOnly | OpenCloseOnExec);
        if (lowestFree < 0)
            return (int.MaxValue, (int)limit.Soft);
        _ = close(lowestFree);
        return (lowestFree, (int)limit.Soft);
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, out Limit limit);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int handle);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Soft, ulong Hard);
}
