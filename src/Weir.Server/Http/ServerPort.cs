using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Server.Http;

/// <summary>The one port: HTTP/1.1 and HTTP/2 told apart by the first bytes on plain text, and by ALPN under TLS.</summary>
/// <param name="address">Where to listen.</param>
/// <param name="certificates">The server's certificate, then its chain; empty for plain text.</param>
/// <param name="connections">Counts the connections of clients.</param>
/// <param name="time">Measures how long a connection may stay silent.</param>
internal sealed class ServerPort(IPEndPoint address, X509Certificate2Collection certificates, ConnectionCount connections, TimeProvider time)
{
    private readonly Http2Handover _http2 = new();

    /// <summary>Counts the connections of clients.</summary>
    public ConnectionCount Connections => connections;

    /// <summary>Configures Kestrel to listen.</summary>
    public void Listen(IWebHostBuilder host)
    {
        if (certificates.Count == 0)
            host.ConfigureKestrel(ListenOnPlainText).ConfigureServices(AddHandover);
        else
            host.UseKestrelHttpsConfiguration().ConfigureKestrel(ListenWithTls);
    }

    /// <summary>Where clients connect, once Kestrel has said what it is bound to.</summary>
    /// <param name="bound">Kestrel's list. The in-process endpoint is in it too; ours is the one with a port.</param>
    public Uri Endpoint(ICollection<string> bound)
    {
        var port = bound.Select(text => Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri.Port : 0).First(port => port > 0);
        return new UriBuilder(certificates.Count == 0 ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, address.Address.ToString(), port).Uri;
    }

    private void ListenOnPlainText(KestrelServerOptions kestrel)
    {
        var sniffer = new ProtocolSniffer(_http2, connections, time);
        kestrel.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(connections.Middleware);
            listen.Use(next => connection => sniffer.RunAsync(connection, next));
        });
        kestrel.Listen(_http2.EndPoint, listen => listen.Protocols = HttpProtocols.Http2);
    }

    // After Kestrel's own, so that it is asked first for the endpoint that only it can bind.
    private void AddHandover(IServiceCollection services) => services.AddSingleton<IConnectionListenerFactory>(_http2);

    private void ListenWithTls(KestrelServerOptions kestrel) => kestrel.Listen(address, listen =>
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Use(connections.Middleware);
        listen.UseHttps(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificates[0],
            ServerCertificateChain = [.. certificates.Skip(1)],
            // What AWS's own endpoints accept.
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        });
        listen.Use(connections.AfterTls);
    });
}
