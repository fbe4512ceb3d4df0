using Weir.Log.Storage;

namespace Weir.TestKit;

/// <summary>The bytes of a file as they read now and as they are on the disk. Under the disk's lock.</summary>
internal sealed class SimulatedFileNode(byte[] durable)
{
    private const int SectorBytes = 512;

    private readonly SortedSet<int> _unsynced = [];
    private byte[] _now = [.. durable];
    private int _length = durable.Length;
    private byte[] _durable = durable;
    private (int Start, int End) _lastWrite;

    public ReadOnlySpan<byte> Bytes => _now.AsSpan(0, _length);

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var start = checked((int)offset);
        var end = start + bytes.Length;
        if (end > _length)
            SetLength(end);
        bytes.CopyTo(_now.AsSpan(start));
        for (var sector = start / SectorBytes; sector * SectorBytes < end; sector++)
            _unsynced.Add(sector);
        _lastWrite = (start, end);
    }

    public void SetLength(long length)
    {
        var next = checked((int)length);
        if (next > _now.Length)
            Array.Resize(ref _now, Math.Max(next, _now.Length * 2));
        if (next < _length)
        {
            // What lies behind the cut reads as zeros if the file grows again, so the sectors count as changed.
            _now.AsSpan(next, _length - next).Clear();
            for (var sector = next / SectorBytes; sector * SectorBytes < _length; sector++)
                _unsynced.Add(sector);
        }

        _length = next;
    }

    /// <summary>Makes everything durable; fdatasync does not make a cut durable.</summary>
    public void Sync(bool all)
    {
        var length = all ? _length : Math.Max(_length, _durable.Length);
        Array.Resize(ref _durable, length);
        foreach (var sector in _unsynced)
            Keep(sector);
        _unsynced.Clear();
    }

    /// <summary>Some sectors are durable, the others are believed to be.</summary>
    public void FailSync(Random random)
    {
        if (_length > _durable.Length && random.Next(2) == 0)
            Array.Resize(ref _durable, _length);
        foreach (var sector in _unsynced)
        {
            if (random.Next(2) == 0)
                Keep(sector);
        }

        _unsynced.Clear();
    }

    public void Crash(Random random)
    {
        if (_length != _durable.Length && random.Next(2) == 0)
            Array.Resize(ref _durable, _length);
        // All, nothing, or any subset: the extremes are the likely ones in life, and the ones that short runs would miss.
        var chance = random.Next(4) switch { 0 => 0.0, 1 => 1.0, _ => random.NextDouble() };
        foreach (var sector in _unsynced)
        {
            if (random.NextDouble() >= chance)
                continue;
            var isTorn = _lastWrite.End > _lastWrite.Start && sector == (_lastWrite.End - 1) / SectorBytes && random.Next(2) == 0;
            Keep(sector, isTorn ? random.Next(SectorBytes) : SectorBytes);
        }

        _unsynced.Clear();
        _now = [.. _durable];
        _length = _durable.Length;
        _lastWrite = default;
    }

    public void FlipBit(long offset, int bit)
    {
        _now[offset] ^= (byte)(1 << bit);
        _durable[offset] ^= (byte)(1 << bit);
    }

    // A sector that is durable holds what it holds now, as far as the durable length reaches. Behind the present length nothing is
    // written back: while the cut itself is not durable, the old bytes are still there.
    private void Keep(int sector, int bytes = SectorBytes)
    {
        var start = sector * SectorBytes;
        var end = Math.Min(Math.Min(start + bytes, _durable.Length), start < _length ? _now.Length : start);
        if (end > start)
            _now.AsSpan(start, end - start).CopyTo(_durable.AsSpan(start));
    }
}

/// <summary>A handle of one life of the process.</summary>
internal sealed class SimulatedFile(SimulatedDisk disk, SimulatedFileNode node, string name) : ILogFile
{
    private readonly int _life = disk.Life;
    private bool _disposed;

    public long Length => disk.Locked(() =>
    {
        Check();
        return node.Bytes.Length;
    });

    public int Read(Span<byte> buffer, long offset)
    {
        // A span does not go into a lambda: the bytes come out as an array, which a test can afford.
        var wanted = buffer.Length;
        var read = disk.Locked(() =>
        {
            Check();
            disk.Look(SimulatedCall.Read);
            var start = (int)Math.Min(offset, node.Bytes.Length);
            return node.Bytes.Slice(start, Math.Min(wanted, node.Bytes.Length - start)).ToArray();
        });
        read.CopyTo(buffer);
        return read.Length;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        var copy = bytes.ToArray();
        disk.Locked(() =>
        {
            Check();
            try
            {
                disk.Change(SimulatedCall.Write, $"{name} {offset} {copy.Length}");
                disk.RequireRoom(offset + copy.Length - node.Bytes.Length, name);
            }
            catch (Exception)
            {
                // Any part may be there, from the front as the kernel copies.
                if (disk.PowerLostAt > disk.Changes)
                    node.Write(copy.AsSpan(0, disk.Random.Next(copy.Length + 1)), offset);
                throw;
            }

            node.Write(copy, offset);
        });
    }

    public void WriteBlocks(ReadOnlySpan<byte> blocks, long offset)
    {
        // What a real disk would refuse is a mistake of the log, which its fallback would hide there.
        if (offset % LogBlock.Bytes != 0 || blocks.Length % LogBlock.Bytes != 0)
            throw new ArgumentException($"{blocks.Length} bytes at {offset} are no whole blocks.");
        Write(blocks, offset);
    }

    public void Allocate(long length) => disk.Locked(() =>
    {
        Check();
        if (length <= node.Bytes.Length)
            return;
        disk.Change(SimulatedCall.Allocate, $"{name} {length}");
        disk.RequireRoom(length - node.Bytes.Length, name);
        node.SetLength(length);
    });

    public void Truncate(long length) => disk.Locked(() =>
    {
        Check();
        disk.Change(SimulatedCall.Truncate, $"{name} {length}");
        node.SetLength(length);
    });

    public void SyncData() => Sync(all: false);

    public void SyncAll() => Sync(all: true);

    public void Dispose() => _disposed = true;

    private void Sync(bool all) => disk.Locked(() =>
    {
        Check();
        try
        {
            disk.Change(SimulatedCall.Sync, name);
        }
        catch (Exception)
        {
            node.FailSync(disk.Random);
            throw;
        }

        node.Sync(all);
    });

    private void Check()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_life != disk.Life)
            throw new IOException("The simulated process that opened this file is gone.");
        disk.Check();
    }
}
