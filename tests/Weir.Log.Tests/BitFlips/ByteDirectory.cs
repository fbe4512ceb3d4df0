using Weir.Log.Storage;

namespace Weir.Log.Tests.BitFlips;

/// <summary>Files that are arrays, which a test changes under the log: no faults, no copies, no lock. For one thread.</summary>
internal sealed class ByteDirectory(string path) : ILogDirectory
{
    private readonly Dictionary<string, ByteDirectory> _directories = [];
    private readonly Dictionary<string, ByteFile> _files = [];

    public string Path => path;

    public ByteDirectory Child(string name) => _directories[name];

    /// <summary>The file's bytes themselves, cut to its length.</summary>
    public byte[] Bytes(string name) => _files[name].Trimmed();

    public IReadOnlyList<string> ListDirectories() => [.. _directories.Keys];

    public IReadOnlyList<string> ListFiles() => [.. _files.Keys];

    public ILogDirectory OpenDirectory(string name)
    {
        if (!_directories.TryGetValue(name, out var directory))
            _directories.Add(name, directory = new ByteDirectory($"{path}/{name}"));
        return directory;
    }

    public ILogDirectory OpenExistingDirectory(string name) => _directories.TryGetValue(name, out var directory) ? directory : throw new DirectoryNotFoundException(name);

    public void DeleteDirectory(string name) => _directories.Remove(name);

    public ILogFile Create(string name)
    {
        var file = new ByteFile([]);
        _files.Add(name, file);
        return file;
    }

    public ILogFile Open(string name) => _files.TryGetValue(name, out var file) ? file : throw new FileNotFoundException(name);

    public ILogFile OpenRead(string name, bool fromDisk) => Open(name);

    public void Delete(string name) => _files.Remove(name);

    public void Move(string name, ILogDirectory to, string newName)
    {
        if (!_files.Remove(name, out var file))
            throw new FileNotFoundException(name);
        ((ByteDirectory)to)._files.Add(newName, file);
    }

    public void MoveDirectory(string name, ILogDirectory to, string newName)
    {
        if (_directories.Remove(name, out var directory))
            ((ByteDirectory)to)._directories.Add(newName, directory);
    }

    public long LengthOf(string name) => _files[name].Length;

    public void Sync()
    {
    }

    private sealed class ByteFile(byte[] bytes) : ILogFile
    {
        private byte[] _bytes = bytes;
        private int _length = bytes.Length;

        public long Length => _length;

        public byte[] Trimmed()
        {
            Array.Resize(ref _bytes, _length);
            return _bytes;
        }

        public int Read(Span<byte> buffer, long offset)
        {
            var read = (int)Math.Clamp(_length - offset, 0, buffer.Length);
            if (read > 0)
                _bytes.AsSpan((int)offset, read).CopyTo(buffer);
            return read;
        }

        public void Write(ReadOnlySpan<byte> source, long offset)
        {
            Allocate(offset + source.Length);
            source.CopyTo(_bytes.AsSpan((int)offset));
        }

        public void WriteBlocks(ReadOnlySpan<byte> blocks, long offset) => Write(blocks, offset);

        public void Allocate(long length)
        {
            if (length > _bytes.Length)
                Array.Resize(ref _bytes, (int)Math.Max(length, _bytes.Length * 2L));
            _length = (int)Math.Max(_length, length);
        }

        public void Truncate(long length)
        {
            _bytes.AsSpan((int)length).Clear();
            _length = (int)length;
        }

        public void SyncData()
        {
        }

        public void SyncAll()
        {
        }

        // A file outlives its handles.
        public void Dispose()
        {
        }
    }
}
