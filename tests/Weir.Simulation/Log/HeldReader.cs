using System.Text;
using Weir.Log;
using Weir.TestKit;

namespace Weir.Simulation.Log;

/// <summary>A reader that stands in a segment while the log goes on: what is trimmed meanwhile it reads to the end.</summary>
internal sealed class HeldReader
{
    private readonly List<ReadRecord> _read = [];
    private ShardModel? _shard;
    private ILogReader? _reader;

    /// <summary>Reads the first frame of a shard and stands there; or where it stood, the rest, which it compares with what was acknowledged.</summary>
    /// <returns>False when the disk refused it; it begins anew then.</returns>
    public bool GoOn(IRecordLog log, ShardModel shard, DateTimeOffset trimmedBefore)
    {
        try
        {
            if (_reader is null)
                Begin(log, shard);
            else
                ReadOn(_reader, trimmedBefore);
            return true;
        }
        catch (LogUnreadableException)
        {
            _reader = null;
            return false;
        }
    }

    private void Begin(IRecordLog log, ShardModel shard)
    {
        _read.Clear();
        (_shard, _reader) = (shard, log.OpenReader(shard.Shard, 1));
        if (!_reader.TryRead(out var frame))
            return;
        var index = frame.FirstIndex;
        foreach (var record in frame)
            _read.Add(new ReadRecord(index++, Encoding.UTF8.GetString(record.Span), frame.Time));
    }

    private void ReadOn(ILogReader reader, DateTimeOffset trimmedBefore)
    {
        using (reader)
            _read.AddRange(reader.ReadRest());
        _reader = null;
        _shard!.CheckHeld(_read, trimmedBefore);
    }
}
