using System.Net;
using Microsoft.AspNetCore.Http;
using Weir.Server.Metrics.Prometheus;

namespace Weir.Server.Metrics;

/// <summary>Serves <c>/_weir/metrics</c>: what the server's instruments have measured, as Prometheus reads it.</summary>
/// <param name="collection">What was measured.</param>
/// <param name="everyone">Whether requests from other machines get it too. It names the streams, so a server that asks for credentials keeps it to its own machine.</param>
internal sealed class MetricsPage(MetricCollection collection, bool everyone)
{
    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        if (!everyone && http.Connection.RemoteIpAddress is { } client && !IPAddress.IsLoopback(client))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            http.Response.ContentType = "text/plain";
            await http.Response.WriteAsync("Only the server's own machine may read its metrics.\n", http.RequestAborted).ConfigureAwait(false);
            return;
        }

        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = PrometheusText.ContentType;
        if (!HttpMethods.IsHead(http.Request.Method))
            await new PrometheusText(http.Response.BodyWriter).WriteAsync(collection.Collect(), http.RequestAborted).ConfigureAwait(false);
    }
}
