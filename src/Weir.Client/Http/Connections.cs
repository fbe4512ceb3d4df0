using System.Net;
using Weir.Client.Endpoints;

namespace Weir.Client.Http;

/// <summary>The client's own connections.</summary>
internal static class Connections
{
    // AWS moves its names to other machines: a connection is not used for ever, so that the name is asked again.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static SocketsHttpHandler Open(KinesisClientOptions options, Uri endpoint) => new()
    {
        ConnectTimeout = options.ConnectTimeout,
        MaxConnectionsPerServer = options.MaxConnections,
        PooledConnectionLifetime = EndpointResolution.IsThisMachine(endpoint) ? Timeout.InfiniteTimeSpan : Lifetime,
        EnableMultipleHttp2Connections = true,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseProxy = !EndpointResolution.IsThisMachine(endpoint),
        ActivityHeadersPropagator = null,
    };
}
