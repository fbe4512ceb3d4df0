namespace Weir.TestKit;

/// <summary>What is in a directory now, and which of it a crash leaves. Under the disk's lock.</summary>
internal sealed class SimulatedDirectoryNode
{
    private Dictionary<string, SimulatedFileNode> _durableFiles = [];

    /// <summary>Durable at once, as the contract of a directory says.</summary>
    public SortedDictionary<string, SimulatedDirectoryNode> Directories { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, SimulatedFileNode> Files { get; private set; } = new(StringComparer.Ordinal);

    public long TotalBytes => Files.Values.Sum(file => (long)file.Bytes.Length) + Directories.Values.Sum(directory => directory.TotalBytes);

    public void Put(string name, SimulatedFileNode file) => _durableFiles[name] = Files[name] = file;

    public void Remove(string name)
    {
        _durableFiles.Remove(name);
        Files.Remove(name);
    }

    /// <summary>A file that is durable under its name is so under the next, as long as nobody undoes the move. One whose deletion is not durable comes back.</summary>
    public void MoveFile(string name, SimulatedDirectoryNode to, string newName)
    {
        Files.Remove(name, out var now);
        _durableFiles.Remove(name, out var durable);
        if ((now ?? durable) is { } file)
            to.Files[newName] = file;
        if (durable is not null)
            to._durableFiles[newName] = durable;
    }

    public void MoveDirectory(string name, SimulatedDirectoryNode to, string newName)
    {
        Directories.Remove(name, out var directory);
        to.Directories[newName] = directory!;
    }

    public void Sync() => _durableFiles = new(Files);

    public void Crash(Random random)
    {
        foreach (var directory in Directories.Values)
            directory.Crash(random);
        var names = Files.Keys.Union(_durableFiles.Keys).Order(StringComparer.Ordinal).ToArray();
        var after = new SortedDictionary<string, SimulatedFileNode>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var (now, durable) = (Files.GetValueOrDefault(name), _durableFiles.GetValueOrDefault(name));
            var survivor = ReferenceEquals(now, durable) || random.Next(2) == 0 ? now : durable;
            if (survivor is not null)
                after.Add(name, survivor);
        }

        Files = after;
        _durableFiles = new(Files);
        foreach (var file in Files.Values)
            file.Crash(random);
    }
}

/// <summary>A move out of a directory that was not synced since: a crash may take it back.</summary>
internal sealed record SimulatedMove(SimulatedDirectoryNode From, string Name, SimulatedDirectoryNode To, string NewName, bool IsDirectory)
{
    /// <summary>Takes it back, unless what was moved is gone for good or its old name taken: then it has happened, as what came later.</summary>
    public void Undo()
    {
        if (IsDirectory && To.Directories.ContainsKey(NewName) && !From.Directories.ContainsKey(Name))
            To.MoveDirectory(NewName, From, Name);
        else if (!IsDirectory && !From.Files.ContainsKey(Name))
            To.MoveFile(NewName, From, Name);
    }
}
