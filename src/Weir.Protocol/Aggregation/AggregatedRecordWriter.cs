using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Weir.Model;
using static Weir.Protocol.Aggregation.AggregatedRecordFormat;

namespace Weir.Protocol.Aggregation;

/// <summary>Puts user records together into an aggregated record, in the KPL's format.</summary>
/// <remarks>
/// <para>Not thread-safe. Adding a record copies its data once and allocates nothing once the writer has come to its size; each distinct key
/// is in the table once. What belongs together is the caller's business: all records of an aggregate must belong to one shard (spec
/// section 10.2).</para>
/// <para>Holds pooled memory until it is disposed; <see cref="Clear"/> makes it empty for the next aggregate.</para>
/// </remarks>
public sealed class AggregatedRecordWriter : IDisposable
{
    // Field numbers up to 15 with their wire type take one byte.
    private const int TagBytes = 1;
    private const int FirstBytes = 4 * 1024;
    private const int MaxHashKeyDigits = 39;

    private readonly int _maxBytes;

    // The tables, in order of first use.
    private readonly List<string> _partitionKeys = [];
    private readonly Dictionary<string, int> _partitionKeyIndexes = new(StringComparer.Ordinal);
    private readonly List<HashKey> _explicitHashKeys = [];
    private readonly Dictionary<HashKey, int> _explicitHashKeyIndexes = [];
    private int _tableBytes;

    // The user records as they will stand in the message, and where each one's data lies among them.
    private readonly List<(int Offset, int Length)> _data = [];
    private byte[] _records = [];
    private int _recordBytes;

    /// <summary>Makes an empty writer.</summary>
    /// <param name="maxBytes">Bytes that the finished record has at most, from 64. The KPL's default is 51,200, two payload units.</param>
    public AggregatedRecordWriter(int maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 64);
        _maxBytes = maxBytes;
    }

    /// <summary>User records that it holds.</summary>
    public int Count => _data.Count;

    /// <summary>Bytes of the finished record, exactly.</summary>
    public int SizeInBytes => Magic.Length + _tableBytes + _recordBytes + ChecksumBytes;

    /// <summary>Adds a user record behind the others.</summary>
    /// <param name="partitionKey">Its partition key.</param>
    /// <param name="explicitHashKey">The hash key that stands in for the partition key's, or null.</param>
    /// <param name="data">Its payload; copied.</param>
    /// <returns>False when the record would become too large; nothing has changed then.</returns>
    public bool TryAdd(string partitionKey, HashKey? explicitHashKey, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        var newTableBytes = 0;
        if (!_partitionKeyIndexes.TryGetValue(partitionKey, out var keyIndex))
        {
            keyIndex = _partitionKeys.Count;
            newTableBytes += BytesOf(Encoding.UTF8.GetByteCount(partitionKey));
        }

        var hashKeyIndex = -1;
        if (explicitHashKey is { } given && !_explicitHashKeyIndexes.TryGetValue(given, out hashKeyIndex))
        {
            hashKeyIndex = _explicitHashKeys.Count;
            newTableBytes += BytesOf(DigitsOf(given));
        }

        var bodyBytes = TagBytes + VarintBytes((uint)keyIndex) + BytesOf(data.Length);
        if (hashKeyIndex >= 0)
            bodyBytes += TagBytes + VarintBytes((uint)hashKeyIndex);
        var recordBytes = BytesOf(bodyBytes);
        if ((long)SizeInBytes + newTableBytes + recordBytes > _maxBytes)
            return false;

        if (keyIndex == _partitionKeys.Count)
        {
            _partitionKeys.Add(partitionKey);
            _partitionKeyIndexes.Add(partitionKey, keyIndex);
        }

        if (hashKeyIndex == _explicitHashKeys.Count)
        {
            _explicitHashKeys.Add(explicitHashKey!.Value);
            _explicitHashKeyIndexes.Add(explicitHashKey.Value, hashKeyIndex);
        }

        _tableBytes += newTableBytes;
        MakeRoom(recordBytes);
        Append(keyIndex, hashKeyIndex, bodyBytes, data);
        return true;
    }

    /// <summary>The payload of one of the user records. Lent until the writer is changed.</summary>
    /// <param name="index">From 0, in the order in which they were added.</param>
    public ReadOnlyMemory<byte> DataOf(int index)
    {
        var (offset, length) = _data[index];
        return _records.AsMemory(offset, length);
    }

    /// <summary>Writes the finished record. Costs an MD5 of it.</summary>
    /// <param name="destination">At least <see cref="SizeInBytes"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too small.</exception>
    public int WriteTo(Span<byte> destination)
    {
        if (destination.Length < SizeInBytes)
            throw new ArgumentException($"The record has {SizeInBytes} bytes; there is room for {destination.Length}.", nameof(destination));
        Magic.CopyTo(destination);
        var message = destination[Magic.Length..];
        var position = 0;
        foreach (var key in _partitionKeys)
        {
            WriteHead(message, ref position, PartitionKeys, Encoding.UTF8.GetByteCount(key));
            position += Encoding.UTF8.GetBytes(key, message[position..]);
        }

        foreach (var key in _explicitHashKeys)
        {
            WriteHead(message, ref position, ExplicitHashKeys, DigitsOf(key));
            key.Value.TryFormat(message[position..], out var digits, provider: System.Globalization.CultureInfo.InvariantCulture);
            position += digits;
        }

        Debug.Assert(position == _tableBytes, "The tables have the size that was counted.");
        _records.AsSpan(0, _recordBytes).CopyTo(message[position..]);
        position += _recordBytes;
        // The format demands MD5; it finds accidents and protects against nobody.
#pragma warning disable CA5351
        MD5.HashData(message[..position], message[position..]);
#pragma warning restore CA5351
        return Magic.Length + position + ChecksumBytes;
    }

    /// <summary>Forgets all records, for the next aggregate. What <see cref="DataOf"/> lent is no longer valid.</summary>
    public void Clear()
    {
        _partitionKeys.Clear();
        _partitionKeyIndexes.Clear();
        _explicitHashKeys.Clear();
        _explicitHashKeyIndexes.Clear();
        _data.Clear();
        (_tableBytes, _recordBytes) = (0, 0);
    }

    /// <summary>Forgets all records and gives the memory back. The writer may be used anew; it takes memory again then.</summary>
    public void Dispose()
    {
        Clear();
        var records = _records;
        _records = [];
        if (records.Length > 0)
            BufferPool.Shared.Return(records);
    }

    private void Append(int keyIndex, int hashKeyIndex, int bodyBytes, ReadOnlySpan<byte> data)
    {
        var room = _records.AsSpan();
        WriteHead(room, ref _recordBytes, UserRecords, bodyBytes);
        WriteIndex(room, ref _recordBytes, PartitionKeyIndex, keyIndex);
        if (hashKeyIndex >= 0)
            WriteIndex(room, ref _recordBytes, ExplicitHashKeyIndex, hashKeyIndex);
        WriteHead(room, ref _recordBytes, AggregatedRecordFormat.Data, data.Length);
        _data.Add((_recordBytes, data.Length));
        data.CopyTo(room[_recordBytes..]);
        _recordBytes += data.Length;
    }

    private void MakeRoom(int bytes)
    {
        if (_records.Length - _recordBytes >= bytes)
            return;
        // Doubling, but not past what a full aggregate needs.
        var wanted = Math.Max(FirstBytes, Math.Min(2 * (_recordBytes + bytes), Math.Max(_maxBytes, _recordBytes + bytes)));
        var larger = BufferPool.Shared.Rent(wanted);
        _records.AsSpan(0, _recordBytes).CopyTo(larger);
        if (_records.Length > 0)
            BufferPool.Shared.Return(_records);
        _records = larger;
    }

    private static void WriteHead(Span<byte> room, ref int position, int field, int length)
    {
        room[position++] = (byte)((field << 3) | (int)ProtobufWireType.Bytes);
        WriteVarint(room, ref position, (uint)length);
    }

    private static void WriteIndex(Span<byte> room, ref int position, int field, int index)
    {
        room[position++] = (byte)((field << 3) | (int)ProtobufWireType.Varint);
        WriteVarint(room, ref position, (uint)index);
    }

    private static void WriteVarint(Span<byte> room, ref int position, uint value)
    {
        while (value >= 0x80)
        {
            room[position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[position++] = (byte)value;
    }

    // A field of bytes with its tag and length.
    private static int BytesOf(int length) => TagBytes + VarintBytes((uint)length) + length;

    private static int VarintBytes(uint value) => value switch
    {
        < 1u << 7 => 1,
        < 1u << 14 => 2,
        < 1u << 21 => 3,
        < 1u << 28 => 4,
        _ => 5,
    };

    private static int DigitsOf(HashKey key)
    {
        Span<byte> digits = stackalloc byte[MaxHashKeyDigits];
        key.Value.TryFormat(digits, out var written, provider: System.Globalization.CultureInfo.InvariantCulture);
        return written;
    }
}
