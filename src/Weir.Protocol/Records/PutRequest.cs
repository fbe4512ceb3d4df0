using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Protocol.Records;

/// <summary>A PutRecord or PutRecords, ready for the operation: records as bytes in one pooled buffer.</summary>
/// <remarks>
/// Not thread-safe: one request, one owner. Spans that it gives out are lent: valid until <see cref="Reset"/>,
/// <see cref="Dispose"/> or the next reading into it. Filled by a codec's fast path, or by <c>Load</c> from the typed request.
/// Both leave exactly the same behind for the same body.
/// </remarks>
public sealed class PutRequest : IDisposable
{
    // Enough for every request that a busy server works on at once; beyond it they are left to the collector.
    // Of those of large puts fewer, as they take kilobytes.
    private const int MaxPooled = 512;
    private const int MaxPooledLarge = 256;
    private const int SmallCount = 16;

    private static readonly ConcurrentQueue<PutRequest> Pool = new();

    // Rented while a request is held; everything in it lies below _used.
    private byte[] _buffer = [];
    private int _used;
    private PutEntry[] _entries = new PutEntry[1];

    // Whether somebody holds the request. Guards the pool: a request given back twice would be two callers' at once.
    private bool _isRented;

    // Whether every entry's hash key is there, and not only the explicit ones.
    private bool _isHashed;

    private PutRequest()
    {
    }

    /// <summary>The stream by name, or null.</summary>
    public string? StreamName { get; internal set; }

    /// <summary>The stream by ARN, or null.</summary>
    public string? StreamArn { get; internal set; }

    /// <summary>The stream by id, or null. Reserved by Kinesis for later.</summary>
    public string? StreamId { get; internal set; }

    /// <summary>Whether the request only asks to be checked.</summary>
    public bool DryRun { get; internal set; }

    /// <summary>PutRecord's number of the same producer's previous record, or null. Matches the model's pattern.</summary>
    public string? SequenceNumberForOrdering { get; internal set; }

    /// <summary>Number of records: 1 for PutRecord, 1 to 500 for PutRecords.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of data and keys of all records, as every limit counts them (spec section 5.3).</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Takes an empty request from the pool. Give it back with <see cref="Dispose"/>.</summary>
    public static PutRequest Rent()
    {
        if (!Pool.TryDequeue(out var request))
            request = new PutRequest();
        request._isRented = true;
        return request;
    }

    /// <summary>A record's data; may be empty.</summary>
    public ReadOnlySpan<byte> Data(int index) => _buffer.AsSpan(Entry(index).DataOffset, Entry(index).DataLength);

    /// <summary>A record's partition key in UTF-8; empty when it is absent, since a present one never is.</summary>
    public ReadOnlySpan<byte> PartitionKey(int index)
    {
        ref readonly var entry = ref Entry(index);
        return entry.KeyLength == PutEntry.AbsentKey ? [] : _buffer.AsSpan(entry.KeyOffset, entry.KeyLength);
    }

    /// <summary>Whether the record has a partition key. Streams that distribute records by key refuse one without.</summary>
    public bool HasPartitionKey(int index) => Entry(index).KeyLength != PutEntry.AbsentKey;

    /// <summary>Bytes of data and key, as every limit counts them (spec section 5.3).</summary>
    public int RecordBytes(int index) => Entry(index).DataLength + Math.Max(0, Entry(index).KeyLength);

    /// <summary>
    /// What decides the record's shard: the explicit hash key if one is given and in range, else the hash of the partition key. The first
    /// call hashes the keys of all records, which is much less work than one after the other.
    /// </summary>
    public HashKey HashKey(int index)
    {
        if (!_isHashed)
            HashKeys();
        return Entry(index).HashKey;
    }

    /// <summary>Whether the record has an explicit hash key, in range or not.</summary>
    public bool HasExplicitHashKey(int index) => Entry(index).Explicit != ExplicitHashKey.Absent;

    /// <summary>
    /// The digits of an explicit hash key above 2^128 - 1, or null when there is none such. The operation refuses it with
    /// <see cref="KinesisErrors.ExplicitHashKeyOutOfRange"/>. Allocates only in that case.
    /// </summary>
    public string? ExplicitHashKeyOutOfRange(int index)
    {
        ref readonly var entry = ref Entry(index);
        return entry.Explicit == ExplicitHashKey.OutOfRange
            ? Encoding.ASCII.GetString(_buffer, entry.DigitsOffset, entry.DigitsLength)
            : null;
    }

    /// <summary>Fills the request from a typed PutRecord that has passed validation. Copies everything.</summary>
    public void Load(PutRecordRequest request)
    {
        Begin(Capacity(request.Data, request.PartitionKey, request.ExplicitHashKey));
        StreamName = request.StreamName;
        StreamArn = request.StreamARN;
        StreamId = request.StreamId;
        DryRun = request.DryRun ?? false;
        SequenceNumberForOrdering = request.SequenceNumberForOrdering;
        Load(request.Data, request.PartitionKey, request.ExplicitHashKey);
    }

    /// <summary>Fills the request from a typed PutRecords that has passed validation. Copies everything.</summary>
    public void Load(PutRecordsRequest request)
    {
        var records = request.Records ?? [];
        Begin(records.Sum(record => Capacity(record.Data, record.PartitionKey, record.ExplicitHashKey)));
        StreamName = request.StreamName;
        StreamArn = request.StreamARN;
        StreamId = request.StreamId;
        DryRun = request.DryRun ?? false;
        foreach (var record in records)
            Load(record.Data, record.PartitionKey, record.ExplicitHashKey);
    }

    /// <summary>Forgets the records and gives the buffer back.</summary>
    public void Reset()
    {
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            BufferPool.Shared.Return(buffer);
        (_used, Count, TotalBytes) = (0, 0, 0);
        _isHashed = false;
        (StreamName, StreamArn, StreamId, SequenceNumberForOrdering) = (null, null, null, null);
        DryRun = false;
    }

    /// <summary>Gives the request back to the pool. It must not be used afterwards; a second call does nothing.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isRented, false))
            return;
        Reset();
        if (Pool.Count < (_entries.Length <= SmallCount ? MaxPooled : MaxPooledLarge))
            Pool.Enqueue(this);
    }

    /// <summary>Empties the request and makes room.</summary>
    /// <param name="capacityBytes">At least what data, keys and digits will take; a body's length always is.</param>
    internal void Begin(int capacityBytes)
    {
        Reset();
        _buffer = BufferPool.Shared.Rent(capacityBytes);
    }

    /// <summary>The unused part of the buffer. Write at its start, then <see cref="Take"/>.</summary>
    internal Span<byte> Free => _buffer.AsSpan(_used);

    /// <summary>Keeps the first bytes of <see cref="Free"/>.</summary>
    /// <returns>Their offset.</returns>
    internal int Take(int length)
    {
        var offset = _used;
        _used += length;
        return offset;
    }

    /// <summary>Adds a record whose bytes have been taken.</summary>
    internal void Add(in PutEntry entry)
    {
        if (Count == _entries.Length)
            Array.Resize(ref _entries, Count * 4);
        _entries[Count++] = entry;
        TotalBytes += entry.DataLength + Math.Max(0, entry.KeyLength);
    }

    /// <summary>Notes an explicit hash key.</summary>
    /// <param name="entry">The record under construction.</param>
    /// <param name="digits">1 to 39 decimal digits.</param>
    internal void SetExplicitHashKey(ref PutEntry entry, ReadOnlySpan<byte> digits)
    {
        if (Model.HashKey.TryParse(digits, out entry.HashKey))
        {
            entry.Explicit = ExplicitHashKey.InRange;
            return;
        }

        entry.Explicit = ExplicitHashKey.OutOfRange;
        digits.CopyTo(Free);
        entry.DigitsOffset = Take(digits.Length);
        entry.DigitsLength = digits.Length;
    }

    private static int Capacity(ReadOnlyMemory<byte>? data, string? partitionKey, string? explicitHashKey) =>
        (data?.Length ?? 0) + Encoding.UTF8.GetMaxByteCount(partitionKey?.Length ?? 0) + (explicitHashKey?.Length ?? 0);

    private void Load(ReadOnlyMemory<byte>? data, string? partitionKey, string? explicitHashKey)
    {
        var entry = new PutEntry { KeyLength = PutEntry.AbsentKey };
        var bytes = data.GetValueOrDefault().Span;
        bytes.CopyTo(Free);
        entry.DataOffset = Take(bytes.Length);
        entry.DataLength = bytes.Length;
        if (partitionKey is not null)
        {
            entry.KeyLength = Encoding.UTF8.GetBytes(partitionKey, Free);
            entry.KeyOffset = Take(entry.KeyLength);
        }

        if (explicitHashKey is not null)
            SetExplicitHashKey(ref entry, Encoding.ASCII.GetBytes(explicitHashKey));
        Add(entry);
    }

    private void HashKeys()
    {
        const int portion = 64;
        Span<int> places = stackalloc int[portion];
        Span<Range> keys = stackalloc Range[portion];
        Span<HashKey> hashKeys = stackalloc HashKey[portion];
        var found = 0;
        for (var i = 0; i < Count; i++)
        {
            ref readonly var entry = ref _entries[i];
            if (entry.Explicit != ExplicitHashKey.InRange)
            {
                places[found] = i;
                keys[found++] = entry.KeyOffset..(entry.KeyOffset + Math.Max(0, entry.KeyLength));
            }

            if (found == 0 || (found < portion && i + 1 < Count))
                continue;
            if (found == 1)
                hashKeys[0] = Model.HashKey.Of(_buffer.AsSpan(keys[0]));
            else
                Model.HashKey.OfMany(_buffer, keys[..found], hashKeys);
            for (var k = 0; k < found; k++)
                _entries[places[k]].HashKey = hashKeys[k];
            found = 0;
        }

        _isHashed = true;
    }

    private ref readonly PutEntry Entry(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ref _entries[index];
    }
}
