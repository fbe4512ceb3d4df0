using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench.CatchUp;

/// <summary>What one reading of everything came to.</summary>
/// <param name="Elapsed">From the first request to the last page.</param>
/// <param name="Pages">Pages that had to be asked for.</param>
/// <param name="PagesByShard">The same, by shard.</param>
/// <param name="Records">Records, where they were counted.</param>
/// <param name="BodyBytes">Bytes of the answers.</param>
/// <param name="Latency">From a page's request to its last byte.</param>
internal sealed record LapResult(TimeSpan Elapsed, long Pages, int[] PagesByShard, long Records, long BodyBytes, LatencyHistogram Latency);

/// <summary>Reads every shard from its iterator to the tip, several at a time, each by one reader to its end.</summary>
/// <param name="endpoint">Where to.</param>
/// <param name="codec">How to ask, and to be answered.</param>
/// <param name="region">The region of the stream.</param>
/// <param name="connections">Readers, each with a connection and one request under way.</param>
/// <param name="time">The clock.</param>
internal sealed class CatchUpLap(Uri endpoint, WireCodec codec, string region, int connections, TimeProvider time)
{
    /// <summary>Reads.</summary>
    /// <param name="iterators">Where each shard's reading begins.</param>
    /// <param name="count">Whether to count the records, which makes the lap slower.</param>
    /// <param name="cancellationToken">Ends the lap.</param>
    /// <exception cref="CommandFailure">The server refused, or broke a connection.</exception>
    public async Task<LapResult> RunAsync(IReadOnlyList<string> iterators, bool count, CancellationToken cancellationToken)
    {
        // Bounded by the number of shards: filled here, and only taken from afterwards.
        var waiting = new ConcurrentQueue<int>(Enumerable.Range(0, iterators.Count));
        var pages = new int[iterators.Count];
        var opened = new List<PageConnection>();
        try
        {
            for (var i = 0; i < Math.Min(connections, iterators.Count); i++)
                opened.Add(await PageConnection.OpenAsync(endpoint, cancellationToken).ConfigureAwait(false));
            var began = time.GetTimestamp();
            var readers = await Task.WhenAll(opened.Select(connection => Task.Run(
                () => ReadAsync(connection, waiting, iterators, pages, count, cancellationToken), CancellationToken.None))).ConfigureAwait(false);
            var elapsed = time.GetElapsedTime(began);
            var latency = new LatencyHistogram();
            foreach (var reader in readers)
                latency.Add(reader.Latency);
            return new LapResult(elapsed, pages.Sum(), pages, readers.Sum(reader => reader.Records), readers.Sum(reader => reader.BodyBytes), latency);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new CommandFailure($"Reading from {Connection.Name(endpoint)} failed: {exception.Message}", exception);
        }
        finally
        {
            foreach (var connection in opened)
                connection.Dispose();
        }
    }

    private async Task<(long Records, long BodyBytes, LatencyHistogram Latency)> ReadAsync(
        PageConnection connection, ConcurrentQueue<int> waiting, IReadOnlyList<string> iterators, int[] pages, bool count, CancellationToken cancellationToken)
    {
        var (records, bytes, latency) = (0L, 0L, new LatencyHistogram());
        while (waiting.TryDequeue(out var shard))
        {
            for (var iterator = iterators[shard]; iterator is not null;)
            {
                var request = Request(iterator);
                var began = time.GetTimestamp();
                var page = await connection.ExchangeAsync(request, count, cancellationToken).ConfigureAwait(false);
                latency.Add(time.GetElapsedTime(began));
                pages[shard]++;
                records += page.Records;
                bytes += page.BodyBytes;
                iterator = page.AtTip ? null : page.NextIterator;
            }
        }

        return (records, bytes, latency);
    }

    private byte[] Request(string iterator)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        new GetRecordsRequest { ShardIterator = iterator, Limit = KinesisLimits.MaxGetRecordsLimit }.Write(codec.CreateWriter(body));
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST / HTTP/1.1\r\nHost: {endpoint.Authority}\r\nContent-Type: {codec.ContentType}\r\nX-Amz-Target: {KinesisOperation.GetRecords.Target}\r\n"
            + $"X-Amz-Date: 20260101T000000Z\r\nAuthorization: {RequestPool.MadeUpSignature(region)}\r\nContent-Length: {body.WrittenCount}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body.WrittenSpan];
    }
}
