using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Weir.Model;
using static Weir.Protocol.Aggregation.AggregatedRecordFormat;

namespace Weir.Protocol.Aggregation;

/// <summary>Takes aggregated records apart: the KPL's, those of the aggregation libraries, and Weir's own. Thread-safe.</summary>
public static class AggregatedRecordReader
{
    /// <summary>Reads the user records of an aggregated record.</summary>
    /// <param name="data">A record's payload. The user records' data are slices of it; nothing of it is copied.</param>
    /// <param name="userRecords">
    /// The user records in the order in which they were put; a record's index is its sub-sequence number. May be empty.
    /// </param>
    /// <returns>
    /// False when the payload is not aggregated: then it is a record like any other. That is also so when only the beginning looks
    /// aggregated: the checksum differs, the message cannot be read, an index points past its table, or an explicit hash key is no number
    /// up to 2^128 - 1 (spec section 10.3).
    /// </returns>
    /// <remarks>
    /// A payload that does not begin like an aggregated one costs one comparison. For the rest the cost is an MD5 of the payload and one
    /// string for each distinct partition key. Never throws, whatever the bytes are.
    /// </remarks>
    public static bool TryRead(ReadOnlyMemory<byte> data, [NotNullWhen(true)] out IReadOnlyList<UserRecord>? userRecords)
    {
        userRecords = null;
        if (!HasEnvelope(data.Span))
            return false;
        var message = data[Magic.Length..^ChecksumBytes];
        var tables = new Tables();
        if (!tables.TryRead(message.Span))
            return false;
        userRecords = tables.Resolve(message);
        return userRecords is not null;
    }

    private static bool HasEnvelope(ReadOnlySpan<byte> data)
    {
        if (data.Length <= Magic.Length + ChecksumBytes || !data.StartsWith(Magic))
            return false;
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        // The format demands MD5; it finds accidents and protects against nobody.
#pragma warning disable CA5351
        MD5.HashData(data[Magic.Length..^ChecksumBytes], checksum);
#pragma warning restore CA5351
        return checksum.SequenceEqual(data[^ChecksumBytes..]);
    }

    // A user record as it is written: its keys are indexes, and the tables may come after it.
    private readonly record struct Entry(ulong PartitionKey, ulong? ExplicitHashKey, Range Data);

    private readonly struct Tables()
    {
        private readonly List<string> _partitionKeys = [];
        private readonly List<HashKey> _explicitHashKeys = [];
        private readonly List<Entry> _entries = [];

        public bool TryRead(ReadOnlySpan<byte> message)
        {
            var reader = new ProtobufReader(message);
            while (!reader.AtEnd)
            {
                if (!reader.TryReadTag(out var field, out var type))
                    return false;
                // A field of a known number that is written in another way counts as unknown, as in every protobuf library.
                if (type != ProtobufWireType.Bytes || field is not (PartitionKeys or ExplicitHashKeys or UserRecords))
                {
                    if (!reader.TrySkip(field, type))
                        return false;
                    continue;
                }

                if (!reader.TryReadBytes(out var range) || !TryTake(field, message, range))
                    return false;
            }

            return true;
        }

        /// <summary>The user records, or null when an index points past its table.</summary>
        public UserRecord[]? Resolve(ReadOnlyMemory<byte> message)
        {
            var records = new UserRecord[_entries.Count];
            for (var i = 0; i < records.Length; i++)
            {
                var (partitionKey, explicitHashKey, data) = _entries[i];
                if (partitionKey >= (ulong)_partitionKeys.Count || explicitHashKey >= (ulong)_explicitHashKeys.Count)
                    return null;
                records[i] = new UserRecord(
                    _partitionKeys[(int)partitionKey],
                    explicitHashKey is { } index ? _explicitHashKeys[(int)index] : null,
                    message[data]);
            }

            return records;
        }

        private bool TryTake(int field, ReadOnlySpan<byte> message, Range range)
        {
            switch (field)
            {
                case PartitionKeys:
                    _partitionKeys.Add(Encoding.UTF8.GetString(message[range]));
                    return true;
                case ExplicitHashKeys:
                    var valid = HashKey.TryParse(message[range], out var key);
                    _explicitHashKeys.Add(key);
                    return valid;
                default:
                    return TryTakeRecord(message[range], range.Start.Value);
            }
        }

        private bool TryTakeRecord(ReadOnlySpan<byte> record, int offset)
        {
            var reader = new ProtobufReader(record);
            ulong? partitionKey = null, explicitHashKey = null;
            Range? data = null;
            while (!reader.AtEnd)
            {
                if (!reader.TryReadTag(out var field, out var type))
                    return false;
                bool read;
                switch (field, type)
                {
                    case (PartitionKeyIndex, ProtobufWireType.Varint):
                        read = reader.TryReadVarint(out var keyIndex);
                        partitionKey = keyIndex;
                        break;
                    case (ExplicitHashKeyIndex, ProtobufWireType.Varint):
                        read = reader.TryReadVarint(out var hashKeyIndex);
                        explicitHashKey = hashKeyIndex;
                        break;
                    case (AggregatedRecordFormat.Data, ProtobufWireType.Bytes):
                        read = reader.TryReadBytes(out var range);
                        data = (range.Start.Value + offset)..(range.End.Value + offset);
                        break;
                    case (Tags, ProtobufWireType.Bytes):
                        read = reader.TryReadBytes(out var tag) && IsTag(record[tag]);
                        break;
                    default:
                        read = reader.TrySkip(field, type);
                        break;
                }

                if (!read)
                    return false;
            }

            if (partitionKey is not { } key || data is not { } found)
                return false;
            _entries.Add(new Entry(key, explicitHashKey, found));
            return true;
        }

        private static bool IsTag(ReadOnlySpan<byte> tag)
        {
            var reader = new ProtobufReader(tag);
            var hasKey = false;
            while (!reader.AtEnd)
            {
                if (!reader.TryReadTag(out var field, out var type) || !reader.TrySkip(field, type))
                    return false;
                hasKey |= field == TagKey && type == ProtobufWireType.Bytes;
            }

            return hasKey;
        }
    }
}
