using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Encryption;
using Weir.Streams.Format;

namespace Weir.Streams.Reading;

/// <summary>Reads a shard's records from a position on, skipping what is beyond retention and decrypting what is encrypted.</summary>
/// <remarks>Not thread-safe. What <see cref="TryRead"/> gives is lent until its next call or the disposal.</remarks>
public sealed class ShardReader : IDisposable
{
    private readonly Shard _shard;
    private readonly IRecordLog _log;
    private readonly DateTimeOffset _horizon;
    private readonly DataKeys _keys;
    private ILogReader _frames;
    private LogFrame.RecordEnumerator _records;
    private long _nextIndexInFrame;
    private DateTimeOffset _frameTime;
    private bool _inFrame;

    // Of the last encrypted record's key, and the last one decrypted; null until there is one.
    private RecordCipher? _cipher;
    private byte[]? _plain;

    /// <summary>Starts at the first record with at least <paramref name="fromIndex"/> whose time is at or after <paramref name="horizon"/>.</summary>
    /// <param name="log">The stream's log.</param>
    /// <param name="keys">The keys of encrypted records.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="fromIndex">Where to start.</param>
    /// <param name="horizon">What arrived before is out of reach.</param>
    public ShardReader(IRecordLog log, DataKeys keys, Shard shard, long fromIndex, DateTimeOffset horizon)
    {
        _log = log;
        _keys = keys;
        _shard = shard;
        _horizon = horizon;
        _frames = log.OpenReader(shard.Id.Number, fromIndex);
        NextIndex = fromIndex;
    }

    /// <summary>Where the next read continues: after the last record given, or where the reader started.</summary>
    public long NextIndex { get; private set; }

    /// <summary>
    /// Why the record at <see cref="NextIndex"/> cannot be given although it is there: the state of its key. Usable otherwise. Once set it
    /// stays, and nothing more is read.
    /// </summary>
    public KeyState KeyState { get; private set; }

    /// <summary>The next record, or false when there is none yet or its key cannot be used (<see cref="KeyState"/>).</summary>
    /// <exception cref="InvalidDataException">The stored bytes are no record, or encrypted with a key that the catalog does not have.</exception>
    public bool TryRead(out ReadRecord record)
    {
        record = default;
        while (KeyState == KeyState.Usable)
        {
            if (_inFrame && _records.MoveNext())
            {
                var index = _nextIndexInFrame++;
                var stored = _records.Current.Span;
                var encrypted = StoredRecord.IsEncrypted(stored);
                if (encrypted && !TryDecrypt(ref stored))
                {
                    NextIndex = index;
                    return false;
                }

                NextIndex = index + 1;
                StoredRecord.Decode(stored, out var key, out var data);
                record = new ReadRecord(_shard.NumberOf(index, _frameTime), _frameTime, key, data, encrypted);
                return true;
            }

            _inFrame = false;
            if (!TryNextFrame())
                return false;
        }

        return false;
    }

    /// <summary>Puts the last record back: it was one too many.</summary>
    /// <param name="record">What <see cref="TryRead"/> gave last.</param>
    public void Unread(in ReadRecord record) => NextIndex = record.SequenceNumber.Index;

    /// <inheritdoc />
    public void Dispose()
    {
        _frames.Dispose();
        _cipher?.Dispose();
        _cipher = null;
        if (Interlocked.Exchange(ref _plain, null) is { } plain)
            BufferPool.Shared.Return(plain, clearArray: true);
    }

    private bool TryDecrypt(ref ReadOnlySpan<byte> record)
    {
        var number = EncryptedRecord.KeyNumber(record);
        if (_cipher?.KeyNumber != number && !TryTakeKey(number))
            return false;
        var plain = Room(record.Length - EncryptedRecord.OverheadBytes);
        EncryptedRecord.Open(record, _cipher, plain);
        record = plain;
        return true;
    }

    [MemberNotNullWhen(true, nameof(_cipher))]
    private bool TryTakeKey(uint number)
    {
        var key = _keys.Numbered(number);
        KeyState = _keys.StateOf(key.Name);
        if (KeyState != KeyState.Usable)
            return false;
        _cipher?.Dispose();
        _cipher = key.Rent();
        return true;
    }

    private Span<byte> Room(int bytes)
    {
        if (_plain is null || _plain.Length < bytes)
        {
            if (_plain is not null)
                BufferPool.Shared.Return(_plain, clearArray: true);
            _plain = BufferPool.Shared.Rent(bytes);
        }

        return _plain.AsSpan(0, bytes);
    }

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
public readonly ref struct ReadRecord(SequenceNumber sequenceNumber, DateTimeOffset arrivedAt, ReadOnlySpan<byte> partitionKey, ReadOnlySpan<byte> data, bool encrypted)
{
    /// <summary>Position in the shard.</summary>
    public SequenceNumber SequenceNumber { get; } = sequenceNumber;

    /// <summary>When the server accepted it; milliseconds.</summary>
    public DateTimeOffset ArrivedAt { get; } = arrivedAt;

    /// <summary>UTF-8; empty for a record without one.</summary>
    public ReadOnlySpan<byte> PartitionKey { get; } = partitionKey;

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Data { get; } = data;

    /// <summary>Whether it is stored encrypted.</summary>
    public bool Encrypted { get; } = encrypted;

    /// <summary>Size for every limit: data and partition key (spec section 5.3).</summary>
    public int SizeBytes => Data.Length + PartitionKey.Length;
}
