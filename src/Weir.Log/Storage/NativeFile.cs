using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Log.Storage;

/// <summary>The calls that .NET does not offer: fdatasync, fallocate and the fsync of a directory. Linux only; elsewhere the nearest thing.</summary>
internal static partial class NativeFile
{
    private const int Interrupted = 4;
    private const int NoSuchCall = 38;
    private const int InvalidArgument = 22;
    private const int NotSupported = 95;
    private const int OpenReadOnly = 0;
    private const int OpenReadWrite = 2;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>fdatasync: leaves out the timestamps, which saves a journal write when nothing else of the inode changed.</summary>
    public static void SyncData(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux())
            Check(Retry(file, fdatasync), "fdatasync", path);
        else
            RandomAccess.FlushToDisk(file);
    }

    public static void SyncAll(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsLinux())
            Check(Retry(file, fsync), "fsync", path);
        else
            RandomAccess.FlushToDisk(file);
    }

    /// <summary>Reserves room that reads as zeros.</summary>
    /// <returns>False when the file system cannot do it.</returns>
    /// <exception cref="StorageFullException">No room.</exception>
    public static bool TryAllocate(SafeFileHandle file, long offset, long length, string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        while (fallocate(file, 0, offset, length) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Interrupted)
                continue;
            if (errno is NotSupported or NoSuchCall or InvalidArgument)
                return false;
            if (StorageErrors.IsFull(errno))
                throw new StorageFullException(path, new Win32Exception(errno));
            throw Failed("fallocate", path, errno);
        }

        return true;
    }

    /// <summary>Opens an existing file a second time, for transfers between the program's memory and the disk without a copy in between.</summary>
    /// <returns>Null when the system, its file system or the number of open files does not allow it: the caller does without.</returns>
    public static SafeFileHandle? TryOpenDirect(string path)
    {
        // The flag's value is the processor's affair.
        int? flag = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 or Architecture.X86 => 0x4000,
            Architecture.Arm64 or Architecture.Arm => 0x10000,
            _ => null,
        };
        if (!OperatingSystem.IsLinux() || flag is null || FileHandleReserve.IsReached)
            return null;
        var file = open(path, OpenReadWrite | OpenCloseOnExec | flag.Value);
        return file < 0 ? null : new SafeFileHandle(file, ownsHandle: true);
    }

    /// <summary>Whether a write was refused for how its place, length or address is aligned, or because the file system has no such writes.</summary>
    public static bool IsAlignmentRefused(IOException e) => e.HResult is InvalidArgument or NotSupported;

    /// <summary>Makes the names in a directory durable. Windows has no such call and journals names by itself.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var directory = open(path, OpenReadOnly);
        if (directory < 0)
            throw Failed("open", path, Marshal.GetLastPInvokeError());
        using var handle = new SafeFileHandle(directory, ownsHandle: true);
        Check(Retry(handle, fsync), "fsync", path);
    }

    // Interrupted is not a failed fsync: the kernel says that it did not finish, not that it lost pages. Nothing else is tried again.
    private static int Retry(SafeFileHandle file, Func<SafeFileHandle, int> call)
    {
        int result;
        do
            result = call(file);
        while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);
        return result;
    }

    private static void Check(int result, string call, string path)
    {
        if (result != 0)
            throw Failed(call, path, Marshal.GetLastPInvokeError());
    }

    private static IOException Failed(string call, string path, int errno) =>
        new($"{call} of {path} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).", errno);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    // Offsets are 64 bits wide in every libc that .NET runs on.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
