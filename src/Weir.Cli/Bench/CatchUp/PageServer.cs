using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Weir.Model;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>
/// The yardstick of reading: a Kestrel endpoint that does what every server of this API has to do with a page. It encodes prepared buffers
/// in base64, or frames them for CBOR, between constant bytes, and sends that. It reads no disk and looks nothing up.
/// </summary>
internal sealed class PageServer
{
    /// <summary>The partition key of every record.</summary>
    public const string Key = "key-500";

    private const string IteratorStart = "pages-left-";

    // What Kestrel buffers for a connection; more at once it would copy.
    private const int FlushBytes = 64 * 1024;

    // As long as a real iterator, so that requests and answers have the size that they have there.
    private const int IteratorLength = 200;

    private readonly byte[][] _data;
    private readonly PageTemplate _json;
    private readonly PageTemplate _cbor;

    private PageServer(int recordBytes)
    {
        var random = new Random(recordBytes);
        _data = new byte[RecordsOfPage(recordBytes)][];
        for (var i = 0; i < _data.Length; i++)
        {
            _data[i] = new byte[recordBytes];
            random.NextBytes(_data[i]);
        }

        _json = new PageTemplate(WireCodec.Json, recordBytes, Key);
        _cbor = new PageTemplate(WireCodec.Cbor, recordBytes, Key);
    }

    /// <summary>Records of a full page of such records: what GetRecords gives at most.</summary>
    public static int RecordsOfPage(int recordBytes) =>
        Math.Clamp(KinesisLimits.MaxGetRecordsBytes / (recordBytes + Key.Length), 1, KinesisLimits.MaxGetRecordsLimit);

    /// <summary>The iterator of a shard that has so many pages.</summary>
    public static string IteratorOf(int pages) =>
        (IteratorStart + pages.ToString(CultureInfo.InvariantCulture) + "-").PadRight(IteratorLength, 'x');

    /// <summary>Starts it on a free port.</summary>
    public static Task<WebApplication> StartAsync(int recordBytes) => BaselineServer.StartAsync(new PageServer(recordBytes).AnswerAsync);

    private async Task AnswerAsync(HttpContext http)
    {
        var template = http.Request.ContentType == WireCodec.Cbor.ContentType ? _cbor : _json;
        var left = PagesLeft(await BodyAsync(http.Request.BodyReader, http.RequestAborted).ConfigureAwait(false)) - 1;
        var end = template.End(IteratorOf(left), atTip: left <= 0);
        http.Response.ContentType = http.Request.ContentType;
        var commas = template.IsJson ? _data.Length - 1 : 0;
        http.Response.ContentLength = template.Begin.Length + commas + end.Length
            + ((long)_data.Length * (template.Prefix.Length + template.EncodedDataBytes + template.Suffix.Length));
        await SendAsync(http.Response.BodyWriter, template, end).ConfigureAwait(false);
    }

    private async Task SendAsync(PipeWriter output, PageTemplate template, byte[] end)
    {
        output.Write(template.Begin);
        var unsent = 0;
        for (var i = 0; i < _data.Length; i++)
        {
            if (i > 0 && template.IsJson)
                output.Write(","u8);
            unsent += Write(output, template, _data[i]);
            if (unsent < FlushBytes)
                continue;
            await output.FlushAsync().ConfigureAwait(false);
            unsent = 0;
        }

        output.Write(end);
        // Once an answer has begun, Kestrel sends what is written behind the last flush only with the next answer.
        await output.FlushAsync().ConfigureAwait(false);
    }

    private static int Write(PipeWriter output, PageTemplate template, byte[] data)
    {
        output.Write(template.Prefix);
        if (template.IsJson)
        {
            Base64.EncodeToUtf8(data, output.GetSpan(template.EncodedDataBytes), out _, out var encoded);
            output.Advance(encoded);
        }
        else
        {
            output.Write(data);
        }

        output.Write(template.Suffix);
        return template.Prefix.Length + template.EncodedDataBytes + template.Suffix.Length;
    }

    private static int PagesLeft(byte[] body)
    {
        var iterator = WireMembers.Text(WireMembers.Behind(body, "ShardIterator"u8)) ?? "";
        var digits = iterator.AsSpan(Math.Min(iterator.Length, IteratorStart.Length));
        var end = digits.IndexOf('-');
        return end > 0 && int.TryParse(digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var pages) ? pages : 0;
    }

    private static async Task<byte[]> BodyAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
