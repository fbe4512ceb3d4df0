using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Weir.Log.Storage;

namespace Weir.Server.Http;

/// <summary>Counts the connections that clients have open, and closes those that there is no memory or no file handle for.</summary>
/// <remarks>
/// Thread-safe. Kestrel's own count has a plain-text HTTP/2 connection twice: once at the port, and once where it was handed over to. Each
/// connection takes a place; one of HTTP/2, which may send ahead of what the server takes, more of them. A connection too many is closed
/// before a byte of it is read: to say something it would have to be served, and clients take the closing for what it is and come again.
/// </remarks>
/// <param name="maxPlaces">How many places there are.</param>
/// <param name="maxOpen">How many connections there may be, whatever places each of them takes and while the <see cref="FileHandleReserve"/> is untouched.</param>
internal sealed class ConnectionCount(int maxPlaces, int maxOpen)
{
    /// <summary>What a connection of HTTP/2 takes beside the place that every connection has.</summary>
    public const int Http2Places = MemoryPlan.Http2WindowBytes / MemoryPlan.ConnectionBytes;

    private int _open;
    private int _places;
    private long _refused;

    /// <summary>How many there are.</summary>
    public long Open => Volatile.Read(ref _open);

    /// <summary>How many places there are.</summary>
    public long MaxPlaces => maxPlaces;

    /// <summary>How many were closed because there were too many.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Counts a connection for as long as the rest works on it, or closes it.</summary>
    public ConnectionDelegate Middleware(ConnectionDelegate next) => async connection =>
    {
        var open = Interlocked.Increment(ref _open);
        try
        {
            if (open > maxOpen || FileHandleReserve.IsTouched || !TryTake(1))
            {
                Refuse(connection);
                return;
            }

            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Add(ref _places, -1);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };

    /// <summary>Where the protocol was agreed on with TLS: takes the further places of HTTP/2.</summary>
    public ConnectionDelegate AfterTls(ConnectionDelegate next) => connection =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span) == true
            ? AsHttp2Async(connection, next)
            : next(connection);

    /// <summary>Takes the further places of a connection that speaks HTTP/2 for as long as the rest works on it, or closes it.</summary>
    public async Task AsHttp2Async(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!TryTake(Http2Places))
        {
            Refuse(connection);
            return;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Add(ref _places, -Http2Places);
        }
    }

    private bool TryTake(int places)
    {
        if (Interlocked.Add(ref _places, places) <= maxPlaces)
            return true;
        Interlocked.Add(ref _places, -places);
        return false;
    }

    private void Refuse(ConnectionContext connection)
    {
        Interlocked.Increment(ref _refused);
        connection.Abort(new ConnectionAbortedException("There are as many connections as the server has memory or file handles for."));
    }
}
