using Weir.Log.Format;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>
/// One segment file. Its writer and every reader that needs its bytes hold a lease; the file is open while there are leases, so
/// that retention can delete a segment under a reader. A sealed segment nobody leases costs no file handle, save a few kept in <see cref="IdleFiles"/>.
/// </summary>
internal sealed class Segment(ILogDirectory directory, IdleFiles idle, LogId log, LogOffset baseOffset)
{
    // Guards the fields below. Held across opening the file, which only readers of this very segment wait for.
    private readonly Lock _gate = new();
    private ILogFile? _file;
    private int _leases;
    private bool _deleted;

    // Set when the log has let go of the segment: told of the leases that are there or come yet.
    private HeldFiles? _held;

    public LogOffset BaseOffset { get; } = baseOffset;

    public string Name { get; } = SegmentName.Of(baseOffset);

    /// <summary>File name after the log has given the segment up.</summary>
    public string DiscardedName => Format.DiscardedName.Of(log.ToString(), Name);

    /// <summary>Name for messages.</summary>
    public string Path => $"{directory.Path}/{Name}";

    public uint Seed { get; } = Checksum.SeedOf(log, baseOffset);

    /// <summary>The shards' parts in this segment. Set by recovery or when sealed, before anybody else sees the segment as sealed.</summary>
    public ShardRun[] Runs { get; set; } = [];

    /// <summary>Time of the last frame. Written as <see cref="Runs"/>.</summary>
    public long LastTimeMs { get; set; }

    /// <summary>Bytes that the file occupies. Written by the commit loop while active, fixed afterwards.</summary>
    public long StoredBytes { get; set; }

    /// <summary>Whether the log has let go of the segment: what its file holds, and whether there is one, is nobody's promise any more.</summary>
    public bool IsLetGo
    {
        get
        {
            lock (_gate)
                return _held is not null;
        }
    }

    /// <summary>Whether the file is open, by anybody's lease or for the next one.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
                return _file is not null;
        }
    }

    /// <summary>Takes a lease, with the file open.</summary>
    /// <returns>Null when the segment was deleted: its records are trimmed.</returns>
    /// <exception cref="LogUnreadableException">The file cannot be opened.</exception>
    public ILogFile? TryLease()
    {
        lock (_gate)
        {
            if (_deleted)
                return null;
            _file ??= Open();
            if (_leases++ == 0)
                _held?.Add(DiscardedName);
            return _file;
        }
    }

    /// <summary>Hands in a file that is open already, with a lease on it.</summary>
    public void LeaseNew(ILogFile file)
    {
        lock (_gate)
        {
            Invariant.Check(_file is null && _leases == 0);
            _file = file;
            _leases = 1;
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            Invariant.Check(_leases > 0);
            if (--_leases > 0)
                return;
            if (_held is not null)
            {
                Close_NeedsLock();
                _held.Remove(DiscardedName);
                return;
            }
        }

        idle.Add(this);
    }

    /// <summary>Closes the file unless somebody leases it again.</summary>
    public void CloseIfIdle()
    {
        lock (_gate)
        {
            if (_leases == 0)
                Close_NeedsLock();
        }
    }

    /// <summary>No lease is given out any more; those that exist go on.</summary>
    public void MarkDeleted()
    {
        lock (_gate)
            _deleted = true;
    }

    /// <summary>
    /// The log has no part in the file any more: it was closed, or the segment was given up. The file closes with its last lease, and may not be
    /// cut before.
    /// </summary>
    /// <param name="held">Told of the leases, those that exist and those that come.</param>
    public void LetGo(HeldFiles held)
    {
        lock (_gate)
        {
            if (_held is not null)
                return;
            _held = held;
            if (_leases > 0)
                held.Add(DiscardedName);
            else
                Close_NeedsLock();
        }
    }

    /// <summary>Reads for readers, who are told which file it is that they cannot have.</summary>
    /// <exception cref="LogUnreadableException">The disk fails.</exception>
    public int Read(ILogFile file, Span<byte> buffer, long offset)
    {
        try
        {
            return file.Read(buffer, offset);
        }
        catch (IOException e)
        {
            throw new LogUnreadableException(Path, e);
        }
    }

    /// <summary>As <see cref="Read"/>, of what is there without waiting for the disk.</summary>
    /// <exception cref="LogUnreadableException">The disk fails.</exception>
    public int ReadCached(ILogFile file, Span<byte> buffer, long offset)
    {
        try
        {
            return file.ReadCached(buffer, offset);
        }
        catch (IOException e)
        {
            throw new LogUnreadableException(Path, e);
        }
    }

    private ILogFile Open()
    {
        try
        {
            return directory.Open(Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageFullException)
        {
            throw new LogUnreadableException(Path, e);
        }
    }

    private void Close_NeedsLock()
    {
        _file?.Dispose();
        _file = null;
    }
}
