using Microsoft.Win32.SafeHandles;

namespace Weir.Log.Storage;

/// <summary>A file of the operating system that is only read: by checks and copies, beside the log that may be writing it.</summary>
internal sealed class ReadOnlyFile : ILogFile
{
    private readonly SafeFileHandle _handle;
    private readonly bool _fromDisk;

    private ReadOnlyFile(SafeFileHandle handle, bool fromDisk)
    {
        (_handle, _fromDisk) = (handle, fromDisk);
        LetGoOfPages();
    }

    public long Length => RandomAccess.GetLength(_handle);

    // Everything is shared: the owner of the file goes on writing, cutting and deleting it.
    public static ReadOnlyFile Open(string path, bool fromDisk)
    {
        // What reads on the side takes a failure to open for one of this file, and goes on.
        if (FileHandleReserve.IsReached)
            throw FileHandleReserve.Spared();
        return new(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), fromDisk);
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

    public void Write(ReadOnlySpan<byte> bytes, long offset) => throw ReadOnly();

    public void WriteBlocks(ReadOnlySpan<byte> blocks, long offset) => throw ReadOnly();

    public void Allocate(long length) => throw ReadOnly();

    public void Truncate(long length) => throw ReadOnly();

    public void SyncData() => throw ReadOnly();

    public void SyncAll() => throw ReadOnly();

    public void Dispose()
    {
        LetGoOfPages();
        _handle.Dispose();
    }

    private void LetGoOfPages()
    {
        if (_fromDisk)
            NativeFile.WillNotRead(_handle);
    }

    private static NotSupportedException ReadOnly() => new("The file was opened for reading only.");
}
