using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Weir.Server.Http;

/// <summary>Looks at a plain-text connection's first bytes: HTTP/2's preface goes to the HTTP/2 endpoint, all else stays with HTTP/1.1.</summary>
/// <remarks>The bytes are only looked at, never taken.</remarks>
internal sealed class ProtocolSniffer(Http2Handover http2, ConnectionCount connections, TimeProvider time)
{
    // As long as Kestrel lets an idle HTTP/1.1 connection live; clients open connections ahead of their first request.
    private static readonly TimeSpan FirstBytesTimeout = TimeSpan.FromSeconds(130);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    // No HTTP/1.1 method starts with these three letters, so they decide; a client that stops earlier has said nothing yet.
    private const int DecisiveBytes = 3;

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate http1)
    {
        bool? isHttp2;
        using (var timeout = new CancellationTokenSource(FirstBytesTimeout, time))
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed))
        {
            try
            {
                isHttp2 = await SniffAsync(connection, ended.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ConnectionResetException)
            {
                // Nothing came for too long, or the client is gone: nobody waits for an answer.
                connection.Abort();
                return;
            }
        }

        if (isHttp2 is null)
            return;
        if (isHttp2.Value)
            await connections.AsHttp2Async(connection, http2.HandOverAsync).ConfigureAwait(false);
        else
            await http1(connection).ConfigureAwait(false);
    }

    /// <summary>Whether the connection starts with the preface; null when it ended before that could be told.</summary>
    private static async ValueTask<bool?> SniffAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var start = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, DecisiveBytes));
            var decided = Decide(start);
            if (decided is not null || result.IsCompleted)
            {
                // Nothing examined: the protocol's own first read gets these bytes at once.
                input.AdvanceTo(result.Buffer.Start);
                return decided ?? (start.IsEmpty ? null : false);
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static bool? Decide(ReadOnlySequence<byte> start)
    {
        Span<byte> bytes = stackalloc byte[DecisiveBytes];
        start.CopyTo(bytes);
        var seen = (int)start.Length;
        if (!Preface.StartsWith(bytes[..seen]))
            return false;
        return seen == DecisiveBytes ? true : null;
    }
}
