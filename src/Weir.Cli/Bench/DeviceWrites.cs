using Weir.Log.Storage;

namespace Weir.Cli.Bench;

/// <summary>
/// The second yardstick of puts: the bytes of one request per write, each write followed by an fdatasync, one after the other, as fast as
/// the disk takes them. By the calls that the log itself uses, into files whose room was taken before.
/// </summary>
/// <remarks>
/// A file is filled once and never written over: blocks that were written before cost the file system less than new ones, and a log never has
/// those. Taking the room is not measured. Dispose removes the files.
/// </remarks>
internal sealed class DeviceWrites : IDisposable
{
    private const string FileName = "device-writes";

    // Like eight segments of the log: seldom enough, and little room.
    private const long FileBytes = 512L * 1024 * 1024;

    private readonly DirectoryInfo _folder;
    private readonly PhysicalDirectory _directory;
    private readonly LoadPlan _plan;
    private readonly TimeProvider _time;
    private readonly byte[] _bytes;
    private ILogFile? _file;
    private long _at;

    /// <summary>Prepares what is written.</summary>
    /// <param name="plan">Whose requests.</param>
    /// <param name="seed">Of the bytes.</param>
    /// <param name="time">The clock.</param>
    public DeviceWrites(LoadPlan plan, int seed, TimeProvider time)
    {
        // Where a server of the measurement's own has its data, too: the same file system.
        _folder = Directory.CreateTempSubdirectory("weir-bench-");
        _directory = new PhysicalDirectory(_folder.FullName);
        (_plan, _time) = (plan, time);
        _bytes = new byte[plan.Batch * plan.RecordBytes];
        new Random(seed).NextBytes(_bytes);
    }

    /// <summary>Writes for as long as a round lasts.</summary>
    /// <returns>The writes as if they were requests; their time is that of the writes and syncs alone.</returns>
    public LoadResult Run(CancellationToken cancellationToken)
    {
        var result = new LoadResult();
        var writing = TimeSpan.Zero;
        while (writing < _plan.Duration)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var file = FileWithRoom();
            var began = _time.GetTimestamp();
            file.Write(_bytes, _at);
            file.SyncData();
            var took = _time.GetElapsedTime(began);
            _at += _bytes.Length;
            writing += took;
            result.Latency.Add(took);
            result.Requests++;
        }

        result.Records = result.Requests * _plan.Batch;
        result.Bytes = result.Requests * _bytes.Length;
        result.Measured = writing;
        return result;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file?.Dispose();
        _folder.Delete(recursive: true);
    }

    private ILogFile FileWithRoom()
    {
        if (_file is { } present && _at + _bytes.Length <= FileBytes)
            return present;
        if (_file is { } full)
        {
            full.Dispose();
            _directory.Delete(FileName);
        }

        _file = _directory.Create(FileName);
        _file.Allocate(FileBytes);
        // The name and the room are settled before the first write is measured.
        _file.SyncAll();
        _directory.Sync();
        _at = 0;
        return _file;
    }
}
