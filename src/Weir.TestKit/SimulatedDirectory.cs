// A disk in memory that does the worst that a real one may do, chosen by a seed. The faults, and why only these:
//  - Crash (power loss). Of what was not fsynced any subset of 512-byte sectors survives, in no order, because the kernel writes pages
//    back when and in which order it likes and a disk promises no more than a sector. The last write may tear inside a sector as well.
//    A change of length survives or not. A name that was created or deleted and whose directory was not fsynced is there or not, each by itself.
//    What was moved, out of a directory that was not fsynced afterwards, has its old name or its new one, never both.
//  - Kill (end of the process alone). Everything written stays in the page cache, durable or not; the file handles are gone.
//  - fsync fails: some of the bytes are durable, the others never will be although they can still be read, and the next fsync reports
//    success (the kernel marks failed pages clean). Writing them again helps.
//  - No room: an allocation or a creation fails whole; a write may have written a part. By chance, or because a capacity is set.
//  - Write, allocation, truncation, creation, deletion, directory fsync, opening, listing or read fails with an I/O error.
//  - The file system goes read-only: every change fails, and reads go on.
// Not here: bytes that were durable change by themselves. No log can be right about its last commit then; tests flip bits
// one by one instead (FlipBit) and expect that damage is found. No reordering across an fsync that succeeded, and no torn sector
// but in the last write: a disk that lies about fsync is beyond what the log promises.
using Weir.Log.Storage;

namespace Weir.TestKit;

/// <summary>How often calls fail, each a chance between 0 and 1.</summary>
public sealed record SimulatedFaults
{
    public static readonly SimulatedFaults None = new();

    /// <summary>Chance that a write, truncation, creation, deletion or move fails.</summary>
    public double Io { get; init; }

    /// <summary>Chance that an fsync of a file or a directory fails.</summary>
    public double Sync { get; init; }

    /// <summary>Chance that an allocation, a creation or a write finds no room.</summary>
    public double Full { get; init; }

    /// <summary>Chance that opening a file, listing or reading fails.</summary>
    public double Read { get; init; }
}

/// <summary>The calls that a test can make fail.</summary>
public enum SimulatedCall
{
    Create,
    Delete,
    Move,
    Write,
    Allocate,
    Truncate,
    Sync,
    SyncDirectory,
    Open,
    List,
    Read,
}

/// <summary>A seeded disk with faults. Thread-safe; deterministic when used by one thread.</summary>
public sealed class SimulatedDirectory : ILogDirectory
{
    private readonly SimulatedDisk _disk;
    private readonly SimulatedDirectoryNode _node;

    public SimulatedDirectory(int seed = 0, SimulatedFaults? faults = null)
        : this(new SimulatedDisk(seed, faults ?? SimulatedFaults.None), "sim", new SimulatedDirectoryNode())
    {
    }

    private SimulatedDirectory(SimulatedDisk disk, string path, SimulatedDirectoryNode node)
    {
        (_disk, Path, _node) = (disk, path, node);
        disk.Root ??= node;
    }

    public string Path { get; }

    /// <summary>The chances from now on.</summary>
    public SimulatedFaults Faults
    {
        set => _disk.Locked(() => _disk.Faults = value);
    }

    /// <summary>Bytes that all files together may have; null for no bound.</summary>
    public long? CapacityBytes
    {
        set => _disk.Locked(() => _disk.CapacityBytes = value);
    }

    /// <summary>True while the file system is read-only: every change fails, as EROFS does.</summary>
    public bool IsReadOnly
    {
        set => _disk.Locked(() => _disk.IsReadOnly = value);
    }

    /// <summary>How many planned faults have not struck yet.</summary>
    public int PlannedFaults => _disk.Locked(() => _disk.Planned.Count);

    /// <summary>A hash over all calls so far: equal for equal histories.</summary>
    public ulong Trace => _disk.Locked(() => _disk.TraceHash);

    /// <summary>Calls so far that change something.</summary>
    public int Changes => _disk.Locked(() => _disk.Changes);

    /// <summary>False from the moment that <see cref="LosePowerAfter"/> set until the next crash.</summary>
    public bool HasPower => _disk.Locked(() => _disk.Changes < _disk.PowerLostAt);

    /// <summary>Lets the n-th call of a kind from now fail, and only that.</summary>
    public void FailNext(SimulatedCall call, Exception error, int nth = 1) => _disk.Locked(() => _disk.Planned.Add(new PlannedFault(call, error, nth)));

    /// <summary>Lets every call of a kind fail, from the n-th from now on until <see cref="HealAll"/> or a restart.</summary>
    public void FailFrom(SimulatedCall call, Exception error, int nth = 1) =>
        _disk.Locked(() => _disk.Planned.Add(new PlannedFault(call, error, nth, lasting: true)));

    /// <summary>Takes back every planned fault, also those that have not struck yet.</summary>
    public void HealAll() => _disk.Locked(_disk.Planned.Clear);

    /// <summary>The power goes after this many further changes: every later call fails until <see cref="Crash"/>.</summary>
    public void LosePowerAfter(int changes) => _disk.Locked(() => _disk.PowerLostAt = _disk.Changes + changes);

    /// <summary>Takes <see cref="LosePowerAfter"/> back.</summary>
    public void KeepPower() => _disk.Locked(() => _disk.PowerLostAt = int.MaxValue);

    /// <summary>Power loss and restart: the disk keeps what it must, and by chance more. Open files are gone.</summary>
    public void Crash() => _disk.Locked(() =>
    {
        _disk.Restart("crash");
        _disk.UndoMoves();
        _disk.Root!.Crash(_disk.Random);
    });

    /// <summary>The process ends and starts again: open files are gone, what was written stays.</summary>
    public void Kill() => _disk.Locked(() => _disk.Restart("kill"));

    /// <summary>The bytes of a file, for tests that damage them.</summary>
    public byte[] ReadFile(string name) => _disk.Locked(() => Find(name).Bytes.ToArray());

    /// <summary>Puts a durable file in place.</summary>
    public void WriteFile(string name, ReadOnlySpan<byte> bytes)
    {
        var file = new SimulatedFileNode(bytes.ToArray());
        _disk.Locked(() => _node.Put(name, file));
    }

    /// <summary>What somebody else does to a file that may be open: it loses its name at once and durably.</summary>
    public void Remove(string name) => _disk.Locked(() => _node.Remove(name));

    /// <summary>What somebody else does to a file that may be open: cuts it at once and durably.</summary>
    public void Cut(string name, long length) => _disk.Locked(() =>
    {
        var file = Find(name);
        file.SetLength(length);
        file.Sync(all: true);
    });

    /// <summary>Damages a durable bit.</summary>
    public void FlipBit(string name, long offset, int bit) => _disk.Locked(() => Find(name).FlipBit(offset, bit));

    public IReadOnlyList<string> ListDirectories() => _disk.Locked(() =>
    {
        _disk.Look(SimulatedCall.List);
        return _node.Directories.Keys.ToArray();
    });

    public IReadOnlyList<string> ListFiles() => _disk.Locked(() =>
    {
        _disk.Look(SimulatedCall.List);
        return _node.Files.Keys.ToArray();
    });

    public ILogDirectory OpenDirectory(string name) => _disk.Locked(() =>
    {
        _disk.Check();
        if (!_node.Directories.TryGetValue(name, out var node))
        {
            _disk.Change(SimulatedCall.Create, name);
            _node.Directories.Add(name, node = new SimulatedDirectoryNode());
        }

        return new SimulatedDirectory(_disk, $"{Path}/{name}", node);
    });

    public ILogDirectory OpenExistingDirectory(string name) => _disk.Locked(() => _node.Directories.TryGetValue(name, out var node)
        ? new SimulatedDirectory(_disk, $"{Path}/{name}", node)
        : throw new DirectoryNotFoundException($"There is no {Path}/{name}."));

    public void DeleteDirectory(string name) => _disk.Locked(() =>
    {
        _disk.Change(SimulatedCall.Delete, name);
        _node.Directories.Remove(name);
    });

    public ILogFile Create(string name) => _disk.Locked(() =>
    {
        _disk.Change(SimulatedCall.Create, name);
        if (_node.Files.ContainsKey(name))
            throw new IOException($"{Path}/{name} exists.");
        var file = new SimulatedFileNode([]);
        _node.Files.Add(name, file);
        return new SimulatedFile(_disk, file, name);
    });

    public ILogFile Open(string name) => _disk.Locked(() =>
    {
        _disk.Look(SimulatedCall.Open);
        return new SimulatedFile(_disk, Find(name), name);
    });

    public ILogFile OpenRead(string name, bool fromDisk) => Open(name);

    public void Delete(string name) => _disk.Locked(() =>
    {
        _disk.Change(SimulatedCall.Delete, name);
        _node.Files.Remove(name);
    });

    public void Move(string name, ILogDirectory to, string newName) => _disk.Locked(() =>
    {
        _disk.Change(SimulatedCall.Move, $"{name} {newName}");
        var target = ((SimulatedDirectory)to)._node;
        Find(name);
        if (target.Files.ContainsKey(newName))
            throw new IOException($"{to.Path}/{newName} exists.");
        _node.MoveFile(name, target, newName);
        _disk.Moves.Add(new SimulatedMove(_node, name, target, newName, IsDirectory: false));
    });

    public void MoveDirectory(string name, ILogDirectory to, string newName) => _disk.Locked(() =>
    {
        _disk.Change(SimulatedCall.Move, $"{name} {newName}");
        var target = ((SimulatedDirectory)to)._node;
        if (!_node.Directories.ContainsKey(name))
            return;
        if (target.Directories.ContainsKey(newName))
            throw new IOException($"{to.Path}/{newName} exists.");
        _node.MoveDirectory(name, target, newName);
        _disk.Moves.Add(new SimulatedMove(_node, name, target, newName, IsDirectory: true));
    });

    public long LengthOf(string name) => _disk.Locked(() =>
    {
        _disk.Look(SimulatedCall.List);
        return (long)Find(name).Bytes.Length;
    });

    public void Sync() => _disk.Locked(() =>
    {
        _disk.Change(SimulatedCall.SyncDirectory, Path);
        _node.Sync();
        _disk.Moves.RemoveAll(move => move.From == _node);
    });

    private SimulatedFileNode Find(string name) =>
        _node.Files.TryGetValue(name, out var file) ? file : throw new FileNotFoundException($"There is no {Path}/{name}.");
}
