using Microsoft.Win32.SafeHandles;

namespace Weir.Log.Storage;

/// <summary>A file of the operating system, read and written by position.</summary>
internal sealed class PhysicalFile : ILogFile
{
    // 1 MiB: large enough that filling by hand costs few calls, small enough to sit in the cache.
    private const int ZeroBytes = 1024 * 1024;
    private static readonly byte[] Zeros = new byte[ZeroBytes];

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    // Opened with the first blocks, by the one thread that writes. Null until then, and when there are no direct writes here.
    private SafeFileHandle? _direct;
    private bool _hasNoDirect;

    private volatile Ahead _ahead;

    private PhysicalFile(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    public long Length => RandomAccess.GetLength(_handle);

    public static PhysicalFile Open(string path, FileMode mode, FileAccess access = FileAccess.ReadWrite)
    {
        FileHandleReserve.Spare(path);
        // Delete is shared because retention deletes segments that readers still hold.
        var handle = StorageErrors.Translate(path, () =>
            File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
        return new PhysicalFile(handle, path);
    }

    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }

        return total;
    }

    public int ReadCached(Span<byte> buffer, long offset)
    {
        if (_ahead == Ahead.BySystem)
            return Read(buffer, offset);
        if (NativeFile.TryReadCached(_handle, buffer, offset) is not { } read)
        {
            // Nobody is told when to announce anything, so the system goes on.
            SetAhead(Ahead.BySystem);
            return Read(buffer, offset);
        }

        if (_ahead == Ahead.Undecided)
            SetAhead(Ahead.Announced);
        return read;
    }

    public void WillRead(long offset, long length) => NativeFile.WillRead(_handle, offset, length);

    public void Write(ReadOnlySpan<byte> bytes, long offset) => Write(_handle, bytes, offset);

    public void WriteBlocks(ReadOnlySpan<byte> blocks, long offset)
    {
        Invariant.Check(offset % LogBlock.Bytes == 0 && blocks.Length % LogBlock.Bytes == 0);
        if (!_hasNoDirect && (_direct ??= NativeFile.TryOpenDirect(_path)) is { } direct)
        {
            try
            {
                Write(direct, blocks, offset);
                return;
            }
            catch (IOException e) when (NativeFile.IsAlignmentRefused(e))
            {
                // Larger blocks than ours, or a file system that opens so but does not write: nothing was written.
                direct.Dispose();
                _direct = null;
            }
        }

        _hasNoDirect = true;
        Write(_handle, blocks, offset);
    }

    public void Allocate(long length)
    {
        var present = Length;
        if (length <= present || NativeFile.TryAllocate(_handle, present, length - present, _path))
            return;
        // The file system cannot reserve (or there is no such call): zeros take the room just as well, for one more write.
        for (var offset = present; offset < length; offset += ZeroBytes)
            Write(Zeros.AsSpan(0, (int)Math.Min(ZeroBytes, length - offset)), offset);
    }

    public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

    public void SyncData() => NativeFile.SyncData(_handle, _path);

    public void SyncAll() => NativeFile.SyncAll(_handle, _path);

    public void Dispose()
    {
        _direct?.Dispose();
        _handle.Dispose();
    }

    // Readers may do this side by side: they come to the same.
    private void SetAhead(Ahead ahead)
    {
        NativeFile.ReadAhead(_handle, bySystem: ahead == Ahead.BySystem);
        _ahead = ahead;
    }

    private void Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (IOException e) when (StorageErrors.IsFull(e))
        {
            throw new StorageFullException(_path, e);
        }
    }

    /// <summary>Who reads ahead of readers. The system would do it by megabytes (8 MB where read_ahead_kb says so), which commits to the same disk wait behind.</summary>
    private enum Ahead
    {
        /// <summary>The system, until a reader comes that can tell what waits.</summary>
        Undecided,

        /// <summary>The system.</summary>
        BySystem,

        /// <summary>Readers, with <see cref="WillRead"/>.</summary>
        Announced,
    }
}
