using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Weir.Producer.Tests.Faults;

/// <summary>
/// A network that fails, by seed: between client and server on this machine. Each connection has its fate: after some bytes it is reset in the middle
/// of a request or of an answer, or what follows in one direction is swallowed.
/// </summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    // More than the largest request and answer of the tests, so that each gets through at last. Most fates come much earlier.
    private const int MostRequestBytes = 400_000, MostAnswerBytes = 80_000;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly IPEndPoint _server;
    private readonly Random _random;
    private readonly bool _losesAnswers;
    private readonly Task _accepting;
    private int _resets;
    private int _holes;

    /// <param name="server">Where the server listens.</param>
    /// <param name="seed">Decides on the fates, in the order of the connections.</param>
    /// <param name="losesAnswers">Whether a whole request may come to nothing. Otherwise only requests break, in their middle: the server carries none of these out.</param>
    public FaultyProxy(Uri server, int seed, bool losesAnswers)
    {
        _server = new IPEndPoint(IPAddress.Loopback, server.Port);
        _random = new Random(seed);
        _losesAnswers = losesAnswers;
        _listener.Start();
        Endpoint = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    private enum Fate
    {
        ResetInRequest,
        ResetInAnswer,
        SwallowRequest,
        SwallowAnswer,
    }

    /// <summary>Where clients connect to.</summary>
    public Uri Endpoint { get; }

    /// <summary>Connections that were reset, and connections of which one direction was swallowed.</summary>
    public (int Resets, int Holes) Faults => (_resets, _holes);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var fate = _losesAnswers ? (Fate)_random.Next(4) : Fate.ResetInRequest;
                var most = fate is Fate.ResetInRequest or Fate.SwallowRequest ? MostRequestBytes : MostAnswerBytes;
                var after = (int)(most * Math.Pow(_random.NextDouble(), 4));
                _connections.Add(ServeAsync(client, fate, after));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
            _listener.Stop();
        }
    }

    private async Task ServeAsync(Socket client, Fate fate, int after)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            try
            {
                await server.ConnectAsync(_server, end.Token);
                var there = CarryAsync(client, server, fate == Fate.ResetInRequest ? after : null, fate == Fate.SwallowRequest ? after : null, end);
                var back = CarryAsync(server, client, fate == Fate.ResetInAnswer ? after : null, fate == Fate.SwallowAnswer ? after : null, end);
                await Task.WhenAll(there, back);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // Both sides see a reset: closing without lingering sends one.
                client.LingerState = server.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
    }

    // Until the sender ends or the connection breaks; then the other direction breaks too.
    private async Task CarryAsync(Socket from, Socket to, int? resetAfter, int? swallowAfter, CancellationTokenSource end)
    {
        var buffer = new byte[16 * 1024];
        var left = resetAfter ?? swallowAfter ?? int.MaxValue;
        var swallows = false;
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, end.Token);
                if (count == 0)
                    break;
                // The last byte before the end is never the last of a request: what comes in one piece belongs to one, and more of it was there.
                var carried = swallows ? 0 : Math.Min(count, left);
                for (var sent = 0; sent < carried;)
                    sent += await to.SendAsync(buffer.AsMemory(sent..carried), end.Token);
                left -= carried;
                if (carried == count || swallows)
                    continue;
                if (resetAfter is not null)
                {
                    Interlocked.Increment(ref _resets);
                    throw new SocketException((int)SocketError.ConnectionReset);
                }

                Interlocked.Increment(ref _holes);
                swallows = true;
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            await end.CancelAsync();
            throw;
        }
    }
}
