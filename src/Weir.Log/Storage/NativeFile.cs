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

    // POSIX_FADV_NORMAL, _RANDOM, _WILLNEED and _DONTNEED, and RWF_NOWAIT: the same numbers on every Linux that .NET runs on.
    private const int NormalAdvice = 0;
    private const int RandomAdvice = 1;
    private const int WillNeedAdvice = 3;
    private const int DoNotNeedAdvice = 4;
    private const int DoNotWait = 8;

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

    /// <summary>Starts to bring a part of a file into the page cache. A hint: nothing depends on its success.</summary>
    public static void WillRead(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
            _ = posix_fadvise(file, offset, length, WillNeedAdvice);
    }

    /// <summary>Says whether the system reads ahead of a reader as it thinks right, as it does at first, or only what <see cref="WillRead"/> tells it. A hint.</summary>
    public static void ReadAhead(SafeFileHandle file, bool bySystem)
    {
        if (OperatingSystem.IsLinux())
            _ = posix_fadvise(file, 0, 0, bySystem ? NormalAdvice : RandomAdvice);
    }

    /// <summary>Reads the beginning of a part of a file that is in the page cache.</summary>
    /// <returns>Its length, 0 also when the read failed; null when neither this system nor the file's can tell.</returns>
    public static unsafe int? TryReadCached(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            fixed (byte* bytes = buffer)
            {
                var vector = new IoVector(bytes, (nuint)buffer.Length);
                var read = preadv2(file, &vector, 1, offset, DoNotWait);
                if (read >= 0)
                    return (int)read;
            }

            return Marshal.GetLastPInvokeError() is NotSupported or NoSuchCall or InvalidArgument ? null : 0;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library that is older than the call, as musl was for long.
            return null;
        }
    }

    /// <summary>Lets the page cache go of a file. A hint: pages that are being written stay, and a file system may not care.</summary>
    public static void WillNotRead(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
            _ = posix_fadvise(file, 0, 0, DoNotNeedAdvice);
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

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint preadv2(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    // Offsets are 64 bits wide in every libc that .NET runs on.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    // struct iovec.
    [StructLayout(LayoutKind.Sequential)]
    private readonly unsafe struct IoVector(byte* start, nuint length)
    {
        public readonly byte* Start = start;
        public readonly nuint Length = length;
    }
}
