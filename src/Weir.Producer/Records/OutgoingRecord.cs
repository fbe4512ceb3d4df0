using System.Diagnostics;
using Weir.Model;
using Weir.Producer.Shards;

namespace Weir.Producer.Records;

/// <summary>
/// What will be one record of the stream: many user records in an aggregate, or one by itself. Filled under its lane's lock; once it is
/// sealed it belongs to whoever has it: the send loop, or the request that it is in. Pooled.
/// </summary>
internal sealed class OutgoingRecord
{
    /// <summary>The partition key of an aggregate of several user records; its explicit hash key decides the shard (spec section 10.2).</summary>
    public const string AggregatePartitionKey = "a";

    private readonly OutgoingRecordPool _pool;
    private AggregateBuffer? _aggregate;

    // A record by itself: its promise and its data, pooled.
    private PendingRecord? _single;
    private byte[] _data = [];
    private int _dataBytes;

    // The finished aggregate, pooled; made when it is sent first.
    private byte[] _payload = [];
    private int _payloadBytes;
    private string? _explicitHashKey;

    internal OutgoingRecord(OutgoingRecordPool pool)
    {
        _pool = pool;
    }

    /// <summary>The lane that it was made for: every user record in it belongs to that one's shard, as far as was known.</summary>
    public ShardLane Lane { get; set; } = null!;

    /// <summary>When its first user record was accepted.</summary>
    public TimeSpan StartedAt { get; private set; }

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
        : (int)CreditBytes - ProducerOptions.RecordOverheadBytes;

    /// <summary>An empty aggregate.</summary>
    public static OutgoingRecord Aggregate(OutgoingRecordPool pool, ShardLane lane, TimeSpan now)
    {
        var outgoing = Begin(pool, lane, now);
        outgoing._aggregate = pool.RentBuffer();
        return outgoing;
    }

    /// <summary>A record by itself; its data is copied.</summary>
    public static OutgoingRecord Single(OutgoingRecordPool pool, ShardLane lane, TimeSpan now, PendingRecord record, ReadOnlySpan<byte> data)
    {
        var bytes = data.IsEmpty ? [] : BufferPool.Shared.Rent(data.Length);
        data.CopyTo(bytes);
        var outgoing = Begin(pool, lane, now);
        (outgoing._single, outgoing._data, outgoing._dataBytes, outgoing.CreditBytes) = (record, bytes, data.Length, record.CreditBytes);
        return outgoing;
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
    /// <param name="first">The attempt, as the history of who had none.</param>
    public void AddAttempt(PutAttempt[] first)
    {
        PutAttempt[]? before = null, after = null;
        for (var i = 0; i < Count; i++)
        {
            var record = this[i];
            if (after is null || record.Attempts != before)
            {
                before = record.Attempts;
                after = before.Length == 0 ? first : [.. before, .. first];
            }

            record.Attempts = after;
        }
    }

    /// <summary>
    /// Returns all memory, and the object itself: nobody may look at it any more. The user records have their outcomes, or are in other outgoing records.
    /// </summary>
    public void Release()
    {
        Debug.Assert(_aggregate is not null || _single is not null, "Released once.");
        if (_aggregate is { } aggregate)
            _pool.Return(aggregate);
        Return(ref _data);
        Return(ref _payload);
        (_aggregate, _single, _payloadBytes, _dataBytes, _explicitHashKey) = (null, null, 0, 0, null);
        (CreditBytes, Sent, RetryAt, Lane) = (0, 0, TimeSpan.Zero, null!);
        _pool.Return(this);
    }

    private static OutgoingRecord Begin(OutgoingRecordPool pool, ShardLane lane, TimeSpan now)
    {
        var outgoing = pool.Rent();
        (outgoing.Lane, outgoing.StartedAt, outgoing.IdleSince) = (lane, now, now);
        return outgoing;
    }

    private static void Return(ref byte[] bytes)
    {
        var returned = bytes;
        bytes = [];
        if (returned.Length > 0)
            BufferPool.Shared.Return(returned);
    }
}
