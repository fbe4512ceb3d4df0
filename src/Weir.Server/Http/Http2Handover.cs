using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Weir.Server.Http;

/// <summary>
/// The second half of serving HTTP/1.1 and HTTP/2 with prior knowledge on one plain-text port: an endpoint inside the process that
/// speaks HTTP/2 only and accepts the connections that <see cref="ProtocolSniffer"/> hands over.
/// </summary>
/// <remarks>
/// Kestrel decides the protocol of plain text by the endpoint, not by the bytes, so each protocol needs an endpoint of its own;
/// only the first of them has a port (docs/adr/0006-one-port.md).
/// </remarks>
internal sealed class Http2Handover : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    // Kestrel's accept loop takes a connection at once and never waits for it, so a few places do; a full channel only makes
    // the new connection wait for its turn.
    private readonly Channel<ConnectionContext> _arriving = Channel.CreateBounded<ConnectionContext>(64);

    /// <summary>The endpoint that Kestrel binds; it has no address.</summary>
    public EndPoint EndPoint { get; } = new InProcessEndPoint();

    /// <summary>Hands a connection to the HTTP/2 endpoint and completes when that has done with it.</summary>
    public async Task HandOverAsync(ConnectionContext connection)
    {
        var handed = new HandedConnection(connection);
        try
        {
            await _arriving.Writer.WriteAsync(handed, connection.ConnectionClosed).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            // The client is gone, or the server stops: nobody takes the connection.
            connection.Abort();
            return;
        }

        await handed.Done.ConfigureAwait(false);
    }

    bool IConnectionListenerFactorySelector.CanBind(EndPoint endpoint) => ReferenceEquals(endpoint, EndPoint);

    ValueTask<IConnectionListener> IConnectionListenerFactory.BindAsync(EndPoint endpoint, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IConnectionListener>(this);

    async ValueTask<ConnectionContext?> IConnectionListener.AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _arriving.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // Unbound: null tells Kestrel's accept loop to end.
            return null;
        }
    }

    ValueTask IConnectionListener.UnbindAsync(CancellationToken cancellationToken)
    {
        _arriving.Writer.TryComplete();
        return default;
    }

    ValueTask IAsyncDisposable.DisposeAsync()
    {
        _arriving.Writer.TryComplete();
        while (_arriving.Reader.TryRead(out var connection))
            connection.Abort();
        return default;
    }

    private sealed class InProcessEndPoint : EndPoint
    {
        public override string ToString() => "http2-by-preface";
    }

    /// <summary>The connection as the HTTP/2 endpoint sees it: its disposal ends the handover, the socket stays with its first endpoint.</summary>
    private sealed class HandedConnection(ConnectionContext inner) : ConnectionContext
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public override System.IO.Pipelines.IDuplexPipe Transport
        {
            get => inner.Transport;
            set => inner.Transport = value;
        }

        public override string ConnectionId
        {
            get => inner.ConnectionId;
            set => inner.ConnectionId = value;
        }

        public override Microsoft.AspNetCore.Http.Features.IFeatureCollection Features => inner.Features;

        public override IDictionary<object, object?> Items
        {
            get => inner.Items;
            set => inner.Items = value;
        }

        public override CancellationToken ConnectionClosed
        {
            get => inner.ConnectionClosed;
            set => inner.ConnectionClosed = value;
        }

        public override EndPoint? LocalEndPoint
        {
            get => inner.LocalEndPoint;
            set => inner.LocalEndPoint = value;
        }

        public override EndPoint? RemoteEndPoint
        {
            get => inner.RemoteEndPoint;
            set => inner.RemoteEndPoint = value;
        }

        public override void Abort()
        {
            inner.Abort();
            _done.TrySetResult();
        }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            // The HTTP/2 endpoint still disposes an accepted connection after this; done is said there.
            inner.Abort(abortReason);
        }

        public override ValueTask DisposeAsync()
        {
            _done.TrySetResult();
            return default;
        }
    }
}
