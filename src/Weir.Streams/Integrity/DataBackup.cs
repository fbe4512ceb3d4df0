// The order, and why (docs/adr/0020-backup-without-the-server.md): the catalog first, then the logs, each cut where it says what that catalog did not know yet;
// then the catalog is read again for the keys that later records need, and for streams that were deleted meanwhile. Everything is fsynced before the copy gets its
// name, so that a directory of that name is a whole copy.
using Weir.Log;
using Weir.Log.Integrity;
using Weir.Log.Storage;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>Copies a data directory, while a server may be writing to it and without its help.</summary>
public sealed class DataBackup
{
    // Files of a server beside its catalog and logs. Whoever trusts its certificate trusts the restored server too.
    private static readonly string[] KeptFiles = ["weir-certificate.pem", "weir-key.pem"];

    private readonly DataContents _source;
    private readonly string _target;
    private readonly string _partial;
    private readonly DataProgress _progress;

    private DataBackup(DataContents source, string target, DataProgress progress)
    {
        (_source, _target, _progress) = (source, target, progress);
        _partial = target + ".partial";
    }

    /// <summary>Makes a copy.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="target">The directory to make. It must not exist, or be empty.</param>
    /// <param name="verify">Whether the copy is checked as by <see cref="DataCheck"/> before it gets its name.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <returns>What was copied. With damage in it the copy has kept the name with <c>.partial</c> behind it.</returns>
    /// <exception cref="BackupException">It cannot be made; nothing is left behind.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="StorageFullException">There is no room for the copy.</exception>
    /// <remarks>
    /// Everything that was acknowledged before the call is in the copy, unless its stream is deleted or its retention ends meanwhile. Each stream is
    /// as after a crash at some moment during the call; different streams at different ones. Blocks the calling thread while it copies.
    /// </remarks>
    public static async Task<BackupReport> RunAsync(
        string directory, string target, bool verify, DataProgress progress, CancellationToken cancellationToken)
    {
        var source = DataContents.Open(directory);
        var backup = new DataBackup(source, Path.GetFullPath(target).TrimEnd(Path.DirectorySeparatorChar), progress);
        backup.RequireFreeName();
        try
        {
            var (streams, bytes) = await backup.CopyAsync(cancellationToken).ConfigureAwait(false);
            var report = new BackupReport(backup._target, streams, bytes, null);
            if (verify)
                report = report with { Check = await DataCheck.RunAsync(backup._partial, progress, cancellationToken).ConfigureAwait(false) };
            if (report.Check is { HasDamage: true })
                return report with { Directory = backup._partial };
            backup.GiveName();
            return report;
        }
        catch
        {
            backup.RemovePartial();
            throw;
        }
    }

    private void RequireFreeName()
    {
        if (File.Exists(_target) || (Directory.Exists(_target) && Directory.EnumerateFileSystemEntries(_target).Any()))
            throw new BackupException($"{_target} exists already. A backup goes into a directory of its own, which must not exist or be empty.");
        if (Path.Exists(_partial))
            throw new BackupException($"{_partial} is there: a backup that was interrupted, is still being made, or turned out damaged. Remove it when nobody needs it.");
        if ((_target + Path.DirectorySeparatorChar).StartsWith(_source.Path + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new BackupException($"{_target} is inside the data directory {_source.Path}. Choose a place outside, on another disk if there is one.");
    }

    private async Task<(int Streams, long Bytes)> CopyAsync(CancellationToken cancellationToken)
    {
        CreateProtected(_partial);
        var root = PhysicalDirectory.Existing(_partial);
        var catalog = new CatalogCopy(DataDirectory.CatalogFileOf(_partial));
        catalog.TakeFrom(_source.CatalogFile);
        var before = await CatalogSnapshot.TakeAsync(DataDirectory.CatalogFileOf(_partial), cancellationToken).ConfigureAwait(false);
        await using (before.ConfigureAwait(false))
        {
            if (before.Problems.Count > 0)
                throw new BackupException($"The catalog {_source.CatalogFile} is damaged: {before.Problems[0]}. `weir data verify` says more.");
            var logs = root.OpenDirectory("logs");
            var living = before.Streams.Where(stream => stream.Stream.Status != StreamStatus.Deleting).ToList();
            _progress.Begin("copying", _source.BytesOf(living.Select(stream => stream.Stream.Id)));
            var copies = living.ToDictionary(stream => stream.Stream.Id, stream => Copy(stream, logs, cancellationToken));
            var after = await CatalogSnapshot.TakeAsync(_source.CatalogFile, cancellationToken).ConfigureAwait(false);
            await using (after.ConfigureAwait(false))
                Settle(catalog, before, after, copies, logs);
            catalog.Finish();
            CopyKeptFiles();
            SyncAll(root, logs);
            var whole = copies.Values.Where(copy => copy.Outcome == LogCopyOutcome.Copied).ToList();
            return (whole.Count, whole.Sum(copy => copy.Bytes));
        }
    }

    private LogCopyResult Copy(CatalogStream stream, ILogDirectory logs, CancellationToken cancellationToken)
    {
        if (_source.Logs is null)
            return new LogCopyResult(LogCopyOutcome.Vanished, 0, 0, WasCut: false);
        return LogCopy.Run(_source.Logs, stream.Stream.Id, logs, Boundary(stream), _progress.Add, cancellationToken);
    }

    // A stream that was still being created has its first shards and nothing else; whoever opens the copy gives them to it. Of any other, numbers are given out in order and never
    // again: what is not in the catalog any more has expired, and had ended before.
    private static CopyBoundary Boundary(CatalogStream stream)
    {
        if (stream.Stream.Status == StreamStatus.Creating)
            return new CopyBoundary(shard => shard < stream.Stream.InitialShards, _ => false);
        var open = stream.Shards.Where(shard => shard.ClosedAt is null && shard.Id != stream.Reshard?.Parent && shard.Id != stream.Reshard?.Adjacent)
            .Select(shard => shard.Id.Number).ToHashSet();
        return new CopyBoundary(shard => shard < stream.Stream.NextShard, shard => shard < stream.Stream.NextShard && !open.Contains(shard));
    }

    private void Settle(
        CatalogCopy catalog, CatalogSnapshot before, CatalogSnapshot after, Dictionary<LogId, LogCopyResult> copies, ILogDirectory logs)
    {
        if (after.SchemaVersion != before.SchemaVersion)
            throw new BackupException("The data directory was upgraded by another version of the server during the backup. Take it again.");
        var alive = after.Streams.Where(stream => stream.Stream.Status != StreamStatus.Deleting).Select(stream => stream.Stream.Id).ToHashSet();
        var deleted = copies.Keys.Where(id => !alive.Contains(id)).ToList();
        foreach (var (id, copy) in copies.Where(entry => alive.Contains(entry.Key)))
        {
            var stream = before.Streams.First(entry => entry.Stream.Id == id).Stream;
            if (copy.Outcome == LogCopyOutcome.MovedOn)
                throw new BackupException($"Everything that stream {stream.Name.Name} held when the backup began has expired since. Take it again.");
            if (copy.Outcome == LogCopyOutcome.Vanished && stream.Status != StreamStatus.Creating)
                throw new BackupException($"The log of stream {stream.Name.Name} is missing or incomplete: {DataDirectory.LogsOf(_source.Path)}/{id}. `weir data verify` says more.");
        }

        foreach (var id in deleted)
        {
            logs.DeleteDirectory(id.ToString());
            copies.Remove(id);
        }

        catalog.MarkDeleting(deleted);
        catalog.AddKeys(after.DataKeys, after.SchemaVersion);
    }

    private void CopyKeptFiles()
    {
        foreach (var name in KeptFiles)
        {
            var file = Path.Combine(_source.Path, name);
            // With its mode: a key stays readable by its owner only.
            if (File.Exists(file))
                File.Copy(file, Path.Combine(_partial, name));
        }
    }

    // The logs have synced their files and their own directories.
    private static void SyncAll(PhysicalDirectory root, ILogDirectory logs)
    {
        foreach (var name in root.ListFiles())
        {
            using var file = root.Open(name);
            file.SyncAll();
        }

        logs.Sync();
        root.Sync();
    }

    private void GiveName()
    {
        if (Directory.Exists(_target))
            Directory.Delete(_target);
        Directory.Move(_partial, _target);
        PhysicalDirectory.Existing(Path.GetDirectoryName(_target)!).Sync();
    }

    // Data keys, the key of the certificate, and everybody's records: nobody but the owner gets in.
    private static void CreateProtected(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void RemovePartial()
    {
        try
        {
            if (Directory.Exists(_partial))
                Directory.Delete(_partial, recursive: true);
        }
        catch (IOException)
        {
            // What made the backup fail may keep this from working as well. The name says what it is, and the next backup asks to remove it.
            return;
        }
    }
}
