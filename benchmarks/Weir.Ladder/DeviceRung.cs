using Weir.Log;
using Weir.Log.Storage;

namespace Weir.Ladder;

/// <summary>The lowest rung: the same bytes written one after the other, each write synced, by the calls that the log uses.</summary>
internal sealed class DeviceRung : IRung
{
    public const string Name = "device";

    private const string FileName = "device";

    // As the log's segments: a file is filled once and never written over.
    private const long FileBytes = 64L * 1024 * 1024;

    private readonly PhysicalDirectory _directory;
    private readonly bool _sync;
    private ILogFile? _file;
    private long _at;

    public DeviceRung(DirectoryInfo directory, Durability durability)
    {
        _directory = new PhysicalDirectory(directory.FullName);
        _sync = durability.IsFsync;
        var batch = Workload.Data.SelectMany(data => data).ToArray();
        Steps =
        [
            new Step(new StepName(Name, Operations.PutRecord, ""), () => Write(Workload.Data[0])),
            new Step(new StepName(Name, Operations.PutRecords, ""), () => Write(batch)),
        ];
    }

    public IReadOnlyList<Step> Steps { get; }

    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask Write(byte[] bytes)
    {
        if (_file is null || _at + bytes.Length > FileBytes)
            NextFile();
        _file!.Write(bytes, _at);
        if (_sync)
            _file.SyncData();
        _at += bytes.Length;
        return ValueTask.CompletedTask;
    }

    private void NextFile()
    {
        if (_file is not null)
        {
            _file.Dispose();
            _directory.Delete(FileName);
        }

        _file = _directory.Create(FileName);
        _file.Allocate(FileBytes);
        _file.SyncAll();
        _at = 0;
    }
}
