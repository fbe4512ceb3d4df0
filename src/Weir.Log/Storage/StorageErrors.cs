namespace Weir.Log.Storage;

/// <summary>Tells "no room" from every other failure of the operating system, on each platform.</summary>
internal static class StorageErrors
{
    // errno on Linux and macOS, which .NET puts into HResult unchanged.
    public const int NoSpace = 28;
    public const int QuotaLinux = 122;
    private const int QuotaMac = 69;

    // HRESULT_FROM_WIN32 of ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool IsFull(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult is WindowsHandleDiskFull or WindowsDiskFull
        : IsFull(errno: e.HResult);

    public static bool IsFull(int errno) =>
        errno == NoSpace || errno == (OperatingSystem.IsMacOS() ? QuotaMac : QuotaLinux);

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
    }
}
