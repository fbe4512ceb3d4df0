using System.Net.Sockets;

namespace Weir.Cli.Bench;

/// <summary>Puts a known number of records into a stream as fast as the server takes them, in large CBOR requests.</summary>
/// <param name="shell">The surroundings.</param>
/// <param name="endpoint">The server; its rates must be off.</param>
/// <param name="region">The region of the streams.</param>
/// <param name="recordBytes">Bytes of a record's data.</param>
internal sealed class StreamFiller(Shell shell, Uri endpoint, string region, int recordBytes)
{
    // Enough to keep a log's next commit gathering while one is written.
    private const int Connections = 4;

    private const int RequestBytes = 1024 * 1024;
    private const int Keys = 10_000;

    private long _stored;
    private long _sent;

    /// <summary>Bytes of data that are stored by now, of all streams.</summary>
    public long StoredBytes => Volatile.Read(ref _stored) * recordBytes;

    /// <summary>Fills one stream.</summary>
    /// <param name="stream">It must be there.</param>
    /// <param name="bytes">Bytes of data; the last request may add to them.</param>
    /// <exception cref="CommandFailure">The server refused, or the connection broke.</exception>
    public async Task FillAsync(string stream, long bytes)
    {
        var plan = new LoadPlan
        {
            Stream = stream,
            Region = region,
            Codec = Weir.Protocol.Wire.WireCodec.Cbor,
            Connections = Connections,
            RecordBytes = recordBytes,
            Batch = Math.Clamp(RequestBytes / recordBytes, 1, Weir.Model.KinesisLimits.MaxPutRecordsEntries),
            RecordsPerSecond = 0,
            Keys = Keys,
            Duration = TimeSpan.Zero,
            Warmup = TimeSpan.Zero,
        };
        var requests = new RequestPool(plan, endpoint, shell.Seed);
        var left = (long)Math.Ceiling((double)bytes / recordBytes / plan.Batch);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(PutAsync, CancellationToken.None))).ConfigureAwait(false);

        async Task PutAsync()
        {
            try
            {
                using var connection = await LoadConnection.OpenAsync(endpoint, shell.Interrupted).ConfigureAwait(false);
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    shell.Interrupted.ThrowIfCancellationRequested();
                    var answer = await connection.ExchangeAsync(requests.Request(Interlocked.Increment(ref _sent))).ConfigureAwait(false);
                    if (answer.Error is not null)
                        throw new CommandFailure($"The server refused records with {answer.Error}: it must run with --limits off.");
                    Interlocked.Add(ref _stored, plan.Batch);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                throw new CommandFailure($"Filling {Connection.Name(endpoint)} failed: {exception.Message}", exception);
            }
        }
    }
}
