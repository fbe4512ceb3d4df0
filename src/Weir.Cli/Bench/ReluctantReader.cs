using System.Net.Sockets;

namespace Weir.Cli.Bench;

/// <summary>A client that asks for more than it reads: it takes its answers by a few KiB, again and again, and makes the server hold the rest.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ReluctantReader(Uri endpoint, Func<ReadOnlyMemory<byte>> request, TimeProvider time)
{
    private const int SipBytes = 8 * 1024;
    private const int ReceiveBufferBytes = 16 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks and sips until it is told to stop. What goes wrong on the way is no matter: others are measured.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var sip = new byte[SipBytes];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = ReceiveBufferBytes };
                await socket.ConnectAsync(endpoint.DnsSafeHost, endpoint.Port, stop).ConfigureAwait(false);
                await socket.SendAsync(request(), SocketFlags.None, stop).ConfigureAwait(false);
                while (await socket.ReceiveAsync(sip, SocketFlags.None, stop).ConfigureAwait(false) > 0)
                    await Task.Delay(Pause, time, stop).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // Refused or thrown out, as the server may do with such a client: it comes again.
                await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
