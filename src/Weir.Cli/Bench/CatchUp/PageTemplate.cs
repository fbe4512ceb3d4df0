using System.Buffers;
using Weir.Model;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>The constant bytes of a page around its data, as the server itself writes them: begin, (prefix, data, suffix) for each record, end.</summary>
internal sealed class PageTemplate
{
    // As long as those of a server in use, so that a page has the size that it has there.
    private static readonly SequenceNumber Number = new(CreatedSeconds: 1_767_225_600, Index: 1_000_000, RecordSeconds: 1_767_225_600, new ShardId(0));

    private readonly WireCodec _codec;

    /// <summary>Takes a page of one record apart.</summary>
    /// <param name="codec">The encoding.</param>
    /// <param name="recordBytes">Bytes of a record's data.</param>
    /// <param name="key">The partition key of every record.</param>
    public PageTemplate(WireCodec codec, int recordBytes, string key)
    {
        _codec = codec;
        IsJson = codec == WireCodec.Json;
        var data = new byte[recordBytes];
        new Random(recordBytes).NextBytes(data);
        var page = new ArrayBufferWriter<byte>();
        var writer = codec.CreateRecordsWriter(page);
        writer.Begin();
        var begin = page.WrittenCount;
        writer.Record(Number, DateTimeOffset.FromUnixTimeSeconds(Number.RecordSeconds), data, System.Text.Encoding.UTF8.GetBytes(key));
        var written = page.WrittenSpan;
        var encoded = IsJson ? System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(data)) : data;
        var at = begin + written[begin..].IndexOf(encoded);
        Begin = written[..begin].ToArray();
        Prefix = written[begin..at].ToArray();
        Suffix = written[(at + encoded.Length)..].ToArray();
        EncodedDataBytes = encoded.Length;
    }

    /// <summary>Whether data goes in base64, and records are parted by commas.</summary>
    public bool IsJson { get; }

    /// <summary>Before the first record.</summary>
    public byte[] Begin { get; }

    /// <summary>Before a record's data.</summary>
    public byte[] Prefix { get; }

    /// <summary>Behind a record's data.</summary>
    public byte[] Suffix { get; }

    /// <summary>Bytes of a record's data in this encoding.</summary>
    public int EncodedDataBytes { get; }

    /// <summary>Behind the last record.</summary>
    /// <param name="nextIterator">The iterator of the next page.</param>
    /// <param name="atTip">Whether this page is the last.</param>
    public byte[] End(string nextIterator, bool atTip)
    {
        var page = new ArrayBufferWriter<byte>();
        var writer = _codec.CreateRecordsWriter(page);
        writer.Begin();
        writer.End(nextIterator, atTip ? 0 : 1000, childShards: null);
        return page.WrittenSpan[Begin.Length..].ToArray();
    }
}
