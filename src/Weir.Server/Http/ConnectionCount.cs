using Microsoft.AspNetCore.Connections;

namespace Weir.Server.Http;

/// <summary>Counts the connections that clients have open.</summary>
/// <remarks>Thread-safe. Kestrel's own count has a plain-text HTTP/2 connection twice: once at the port, and once where it was handed over to.</remarks>
internal sealed class ConnectionCount
{
    private int _open;

    /// <summary>How many there are.</summary>
    public long Open => Volatile.Read(ref _open);

    /// <summary>Counts a connection for as long as the rest works on it.</summary>
    public ConnectionDelegate Middleware(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _open);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
