namespace Weir.Log.Storage;

/// <summary>Tells "no room" and "no file handle" from every other failure of the operating system, on each platform.</summary>
internal static class StorageErrors
{
    // errno on Linux and macOS, which .NET puts into HResult unchanged.
    public const int NoSpace = 28;
    public const int QuotaLinux = 122;
    private const int QuotaMac = 69;

    // EMFILE of this process, ENFILE of the machine; the same numbers on Linux and macOS.
    private const int TooManyOpenFiles = 24;
    private const int TooManyOpenFilesOfAll = 23;
    private const int WindowsTooManyOpenFiles = unchecked((int)0x80070004);

    // EROFS; Windows has no such state of a whole volume.
    private const int ReadOnlyFileSystem = 30;

    // HRESULT_FROM_WIN32 of ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool IsFull(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult is WindowsHandleDiskFull or WindowsDiskFull
        : IsFull(errno: e.HResult);

    public static bool IsFull(int errno) =>
        errno == NoSpace || errno == (OperatingSystem.IsMacOS() ? QuotaMac : QuotaLinux);

    /// <summary>No file handle is left: a passing state, as a full disk is, and nothing has been done to any file.</summary>
    public static bool IsOutOfHandles(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult == WindowsTooManyOpenFiles
        : e.HResult is TooManyOpenFiles or TooManyOpenFilesOfAll;

    /// <summary>The file system takes no changes.</summary>
    public static bool IsReadOnly(IOException e) => !OperatingSystem.IsWindows() && e.HResult == ReadOnlyFileSystem;

    public static void Translate(string path, Action call) => Translate(path, () =>
    {
        call();
        return true;
    });

    public static T Translate<T>(string path, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new StorageFullException(path, e);
        }
        catch (IOException e) when (IsOutOfHandles(e))
        {
            throw StorageFullException.NoHandles(path, e);
        }
    }
}
