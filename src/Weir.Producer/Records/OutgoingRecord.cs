using System.Diagnostics;
using System.Text;
using Weir.Model;
using Weir.Producer.Shards;

namespace Weir.Producer.Records;

/// <summary>
/// What will be one record of the stream: many user records in an aggregate, or one by itself. Filled under its lane's lock; once it is
/// sealed it belongs to whoever has it: the send loop, or the request that it is in.
/// </summary>
internal sealed class OutgoingRecord
{
    /// <summary>The partition key of an aggregate of several user records; its explicit hash key decides the shard (spec section 10.2).</summary>
    public const string AggregatePartitionKey = "a";

    private readonly AggregateBufferPool _buffers;
    private AggregateBuffer? _aggregate;

    // A record by itself: its promise and its data, pooled.
    private PendingRecord? _single;
    private byte[] _data = [];
    private int _dataBytes;

    // The finished aggregate, pooled; made when it is sent first.
    private byte[] _payload = [];
    private int _payloadBytes;
    private string? _explicitHashKey;

    private OutgoingRecord(AggregateBufferPool buffers, ShardLane lane, TimeSpan now)
    {
        _buffers = buffers;
        Lane = lane;
        StartedAt = now;
        IdleSince = now;
    }

    /// <summary>The lane that it was made for: every user record in it belongs to that one's shard, as far as was known.</summary>
    public ShardLane Lane { get; set; }

    /// <summary>When its first user record was accepted.</summary>
    public TimeSpan StartedAt { get; }

    /// <summary>Since when it waits: since then, or since the last attempt.</summary>
    public TimeSpan IdleSince { get; set; }

    /// <summary>Not to be sent before.</summary>
    public TimeSpan RetryAt { get; set; }

    /// <summary>How often it was sent.</summary>
    public int Sent { get; set; }

    /// <summary>What its user records take of the credit.</summary>
    public long CreditBytes { get; private set; }

    /// <summary>Its user records.</summary>
    public int Count => _aggregate?.Records.Count ?? 1;

    /// <summary>Whether several user records share it, so that consumers have to take it apart.</summary>
    public bool IsAggregated => Count > 1;

    /// <summary>Whether more user records may be added.</summary>
    public bool Takes => _aggregate is not null;

    /// <summary>A user record of it.</summary>
    public PendingRecord this[int index] => _aggregate?.Records[index] ?? _single!;

    /// <summary>The partition key that it has in the stream.</summary>
    public string PartitionKey => IsAggregated ? AggregatePartitionKey : this[0].PartitionKey;

    /// <summary>The explicit hash key that it is put with: an aggregate's is its first user record's hash key.</summary>
    public string? ExplicitHashKey => _explicitHashKey ??= IsAggregated ? this[0].HashKey.ToString() : this[0].ExplicitHashKey?.ToString();

    /// <summary>Bytes of data and key, which every limit counts.</summary>
    public int SizeInBytes => IsAggregated
        ? _aggregate!.Writer.SizeInBytes + AggregatePartitionKey.Length
        : DataOf(0).Length + Encoding.UTF8.GetByteCount(this[0].PartitionKey);

    /// <summary>An empty aggregate.</summary>
    public static OutgoingRecord Aggregate(AggregateBufferPool buffers, ShardLane lane, TimeSpan now) =>
        new(buffers, lane, now) { _aggregate = buffers.Rent() };

    /// <summary>A record by itself; its data is copied.</summary>
    public static OutgoingRecord Single(AggregateBufferPool buffers, ShardLane lane, TimeSpan now, PendingRecord record, ReadOnlySpan<byte> data)
    {
        var bytes = data.IsEmpty ? [] : BufferPool.Shared.Rent(data.Length);
        data.CopyTo(bytes);
        return new OutgoingRecord(buffers, lane, now) { _single = record, _data = bytes, _dataBytes = data.Length, CreditBytes = record.CreditBytes };
    }

    /// <summary>Adds a user record; its data is copied.</summary>
    /// <returns>False when it does not fit.</returns>
    public bool TryAdd(PendingRecord record, ReadOnlySpan<byte> data)
    {
        if (!_aggregate!.Writer.TryAdd(record.PartitionKey, record.ExplicitHashKey, data))
            return false;
        _aggregate.Records.Add(record);
        CreditBytes += record.CreditBytes;
        return true;
    }

    /// <summary>A user record's payload. Lent until <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> DataOf(int index) => _aggregate?.Writer.DataOf(index) ?? _data.AsMemory(0, _dataBytes);

    /// <summary>The payload as it is sent. Lent until <see cref="Release"/>. The first call makes it, which costs an MD5.</summary>
    public ReadOnlyMemory<byte> Payload()
    {
        if (!IsAggregated)
            return DataOf(0);
        if (_payloadBytes == 0)
        {
            _payload = BufferPool.Shared.Rent(_aggregate!.Writer.SizeInBytes);
            _payloadBytes = _aggregate.Writer.WriteTo(_payload);
        }

        return _payload.AsMemory(0, _payloadBytes);
    }

    /// <summary>Adds an attempt to the history of each user record. Those with the same history go on sharing it.</summary>
    public void AddAttempt(PutAttempt attempt)
    {
        PutAttempt[]? before = null, after = null;
        for (var i = 0; i < Count; i++)
        {
            var record = this[i];
            if (after is null || record.Attempts != before)
            {
                before = record.Attempts;
                after = [.. before, attempt];
            }

            record.Attempts = after;
        }
    }

    /// <summary>Returns all memory. The user records have their outcomes, or are in other outgoing records.</summary>
    public void Release()
    {
        Debug.Assert(_aggregate is not null || _single is not null, "Released once.");
        if (_aggregate is { } aggregate)
            _buffers.Return(aggregate);
        Return(ref _data);
        Return(ref _payload);
        (_aggregate, _single, _payloadBytes, _dataBytes) = (null, null, 0, 0);
    }

    private static void Return(ref byte[] bytes)
    {
        var returned = bytes;
        bytes = [];
        if (returned.Length > 0)
            BufferPool.Shared.Return(returned);
    }
}
