using Weir.Log;
using Weir.Model;
using Weir.Streams.Format;

namespace Weir.Streams.Reading;

/// <summary>Reads a shard's records from a position on, skipping what is beyond retention.</summary>
/// <remarks>Not thread-safe. What <see cref="TryRead"/> gives is lent until its next call or the disposal.</remarks>
public sealed class ShardReader : IDisposable
{
    private readonly Shard _shard;
    private readonly IRecordLog _log;
    private readonly DateTimeOffset _horizon;
    private ILogReader _frames;
    private LogFrame.RecordEnumerator _records;
    private long _nextIndexInFrame;
    private DateTimeOffset _frameTime;
    private bool _inFrame;

    /// <summary>Starts at the first record with at least <paramref name="fromIndex"/> whose time is at or after <paramref name="horizon"/>.</summary>
    public ShardReader(IRecordLog log, Shard shard, long fromIndex, DateTimeOffset horizon)
    {
        _log = log;
        _shard = shard;
        _horizon = horizon;
        _frames = log.OpenReader(shard.Id.Number, fromIndex);
        NextIndex = fromIndex;
    }

    /// <summary>Where the next read continues: after the last record given, or where the reader started.</summary>
    public long NextIndex { get; private set; }

    /// <summary>The next record, or false when there is none yet.</summary>
    public bool TryRead(out ReadRecord record)
    {
        while (true)
        {
            if (_inFrame && _records.MoveNext())
            {
                var index = _nextIndexInFrame++;
                NextIndex = index + 1;
                StoredRecord.Decode(_records.Current.Span, out var key, out var data);
                record = new ReadRecord(_shard.NumberOf(index, _frameTime), _frameTime, key, data);
                return true;
            }

            _inFrame = false;
            if (!TryNextFrame())
            {
                record = default;
                return false;
            }
        }
    }

    /// <summary>Puts the last record back: it was one too many.</summary>
    /// <param name="record">What <see cref="TryRead"/> gave last.</param>
    public void Unread(in ReadRecord record) => NextIndex = record.SequenceNumber.Index;

    /// <inheritdoc />
    public void Dispose() => _frames.Dispose();

    private bool TryNextFrame()
    {
        if (!_frames.TryRead(out var frame))
            return false;
        if (frame.Time < _horizon)
        {
            // Expired, though its segment still stands: go on at the first record that has not.
            _frames.Dispose();
            _frames = _log.OpenReader(_shard.Id.Number, Math.Max(NextIndex, _log.FindTime(_shard.Id.Number, _horizon)));
            if (!_frames.TryRead(out frame) || frame.Time < _horizon)
                return false;
        }

        _records = frame.GetEnumerator();
        _nextIndexInFrame = frame.FirstIndex;
        _frameTime = frame.Time;
        _inFrame = true;
        return true;
    }
}

/// <summary>One record as a reader sees it. The spans are lent by the <see cref="ShardReader"/>.</summary>
public readonly ref struct ReadRecord(SequenceNumber sequenceNumber, DateTimeOffset arrivedAt, ReadOnlySpan<byte> partitionKey, ReadOnlySpan<byte> data)
{
    /// <summary>Position in the shard.</summary>
    public SequenceNumber SequenceNumber { get; } = sequenceNumber;

    /// <summary>When the server accepted it; milliseconds.</summary>
    public DateTimeOffset ArrivedAt { get; } = arrivedAt;

    /// <summary>UTF-8; empty for a record without one.</summary>
    public ReadOnlySpan<byte> PartitionKey { get; } = partitionKey;

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>Size for every limit: data and partition key (spec section 5.3).</summary>
    public int SizeBytes => Data.Length + PartitionKey.Length;
}
