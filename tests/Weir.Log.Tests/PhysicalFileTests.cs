using Weir.Log.Storage;
using Xunit;

namespace Weir.Log.Tests;

/// <summary>Reads of a real file with and without waiting for the disk.</summary>
public sealed class PhysicalFileTests : IDisposable
{
    private const int FileBytes = 4 * 1024 * 1024;

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void What_the_page_cache_has_is_read_without_waiting()
    {
        var content = Content();
        using var file = Written(content);
        Assert.Equal(FileBytes, file.Read(new byte[FileBytes], 0));

        var buffer = new byte[100_000];

        Assert.Equal(buffer.Length, file.ReadCached(buffer, 12_345));
        Assert.Equal(content[12_345..(12_345 + buffer.Length)], buffer);
    }

    [Fact]
    public void What_it_has_not_comes_with_a_second_read()
    {
        var content = Content();
        using var file = Written(content);
        for (var offset = 0; offset < FileBytes; offset += 256 * 1024)
        {
            // A file system in memory keeps all, and then the first read has all.
            LetGo();
            var buffer = new byte[256 * 1024];
            file.WillRead(offset, buffer.Length / 2);
            var read = file.ReadCached(buffer, offset);
            Assert.InRange(read, 0, buffer.Length);
            if (read < buffer.Length)
                read += file.Read(buffer.AsSpan(read), offset + read);
            Assert.Equal(buffer.Length, read);
            Assert.Equal(content[offset..(offset + buffer.Length)], buffer);
        }
    }

    [Fact]
    public void Behind_the_end_there_is_nothing_to_read_and_nothing_to_announce()
    {
        using var file = Written(Content());
        file.WillRead(FileBytes, 4096);

        Assert.Equal(0, file.ReadCached(new byte[100], FileBytes));
        Assert.Equal(0, file.Read(new byte[100], FileBytes));
    }

    private static byte[] Content()
    {
        var content = new byte[FileBytes];
        new Random(7).NextBytes(content);
        return content;
    }

    private PhysicalFile Written(byte[] content)
    {
        var file = PhysicalFile.Open(PathOfFile, FileMode.CreateNew);
        file.Write(content, 0);
        file.SyncAll();
        return file;
    }

    private string PathOfFile => Path.Combine(_temporary.Path, "file");

    private void LetGo()
    {
        using var handle = File.OpenHandle(PathOfFile);
        NativeFile.WillNotRead(handle);
    }
}
