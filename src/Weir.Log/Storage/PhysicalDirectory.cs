namespace Weir.Log.Storage;

/// <summary>A directory of the operating system. With <see cref="PhysicalFile"/> the only place that opens files.</summary>
public sealed class PhysicalDirectory : ILogDirectory
{
    /// <summary>Opens the directory, creating it and its parents when they do not exist.</summary>
    public PhysicalDirectory(string path)
        : this(path, mayCreate: true)
    {
    }

    private PhysicalDirectory(string path, bool mayCreate)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (mayCreate)
            Directory.CreateDirectory(Path);
        else if (!Directory.Exists(Path))
            throw new DirectoryNotFoundException($"There is no directory {Path}.");
    }

    /// <summary>Opens a directory that exists, for whoever looks on and must not create anything.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static PhysicalDirectory Existing(string path) => new(path, mayCreate: false);

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ListDirectories() =>
        StorageErrors.Translate(Path, () => Directory.GetDirectories(Path).Select(NameOf).ToArray());

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles() =>
        StorageErrors.Translate(Path, () => Directory.GetFiles(Path).Select(NameOf).ToArray());

    /// <inheritdoc/>
    public ILogDirectory OpenDirectory(string name)
    {
        var path = PathOf(name);
        if (!Directory.Exists(path))
        {
            StorageErrors.Translate(path, () => Directory.CreateDirectory(path));
            Sync();
        }

        return new PhysicalDirectory(path);
    }

    /// <inheritdoc/>
    public ILogDirectory OpenExistingDirectory(string name) => Existing(PathOf(name));

    /// <inheritdoc/>
    public void DeleteDirectory(string name)
    {
        var path = PathOf(name);
        if (!Directory.Exists(path))
            return;
        Directory.Delete(path, recursive: true);
        Sync();
    }

    /// <inheritdoc/>
    public ILogFile Create(string name) => PhysicalFile.Open(PathOf(name), FileMode.CreateNew);

    /// <inheritdoc/>
    public ILogFile Open(string name)
    {
        try
        {
            return PhysicalFile.Open(PathOf(name), FileMode.Open);
        }
        catch (IOException e) when (StorageErrors.IsReadOnly(e))
        {
            // The file system went read-only under the server. Sealed segments are only read: their readers need not notice.
            return PhysicalFile.Open(PathOf(name), FileMode.Open, FileAccess.Read);
        }
    }

    /// <inheritdoc/>
    public ILogFile OpenRead(string name, bool fromDisk) => ReadOnlyFile.Open(PathOf(name), fromDisk);

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(PathOf(name));

    /// <inheritdoc/>
    public void Move(string name, ILogDirectory to, string newName) =>
        // With "overwrite", though no file has the new name: only then it is one rename and never a link or a copy and a deletion.
        StorageErrors.Translate(PathOf(name), () => File.Move(PathOf(name), ((PhysicalDirectory)to).PathOf(newName), overwrite: true));

    /// <inheritdoc/>
    public void MoveDirectory(string name, ILogDirectory to, string newName)
    {
        var path = PathOf(name);
        if (Directory.Exists(path))
            StorageErrors.Translate(path, () => Directory.Move(path, ((PhysicalDirectory)to).PathOf(newName)));
    }

    /// <inheritdoc/>
    public long LengthOf(string name) => new FileInfo(PathOf(name)).Length;

    /// <inheritdoc/>
    public void Sync()
    {
        FileHandleReserve.Spare(Path);
        try
        {
            NativeFile.SyncDirectory(Path);
        }
        catch (IOException e) when (StorageErrors.IsOutOfHandles(e))
        {
            // The directory could not even be opened: no fsync was tried, so none has failed.
            throw StorageFullException.NoHandles(Path, e);
        }
        catch (IOException e) when (!Directory.Exists(Path))
        {
            throw new DirectoryNotFoundException($"There is no directory {Path}.", e);
        }
    }

    private static string NameOf(string path) => System.IO.Path.GetFileName(path);

    private string PathOf(string name) => System.IO.Path.Combine(Path, name);
}
