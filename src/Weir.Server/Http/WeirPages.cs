using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weir.Log.Integrity;
using Weir.Server.Metrics;

namespace Weir.Server.Http;

/// <summary>Weir's own pages under <c>/_weir/</c>: health for supervisors, facts for people and benchmarks, metrics for operators.</summary>
internal sealed class WeirPages(WeirServerOptions options, MetricsPage metrics, SegmentScrub? scrub)
{
    private static readonly PathString Root = "/_weir";

    /// <summary>Whether a path is one of ours; every other path belongs to the Kinesis API, whatever it is.</summary>
    public bool Answers(PathString path) => path.StartsWithSegments(Root);

    /// <summary>Answers a request under <c>/_weir/</c>.</summary>
    public Task AnswerAsync(HttpContext http) => http.Request.Path.Value switch
    {
        // A server that answers is alive; it accepts requests only after its storage is open, so it is ready too.
        "/_weir/health/live" or "/_weir/health/ready" => SendAsync(http, StatusCodes.Status200OK, "text/plain", "ok\n"u8.ToArray()),
        "/_weir/metrics" => metrics.AnswerAsync(http),
        "/_weir/info" => SendAsync(http, StatusCodes.Status200OK, "application/json", Info()),
        _ => SendAsync(http, StatusCodes.Status404NotFound, "text/plain", "There is no such page.\n"u8.ToArray()),
    };

    private static async Task SendAsync(HttpContext http, int status, string contentType, byte[] body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }

    // Degraded and serving: what the background check found keeps nobody from what is whole, so health does not change with it.
    private string Integrity => scrub is null || options.ScrubInterval == TimeSpan.Zero ? "unchecked" : scrub.Damaged.Count == 0 ? "ok" : "damaged";

    private byte[] Info()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("version", typeof(WeirPages).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
            json.WriteString("storage", options.DataDirectory is null ? "memory" : "disk");
            json.WriteString("durability", options.DataDirectory is null ? "none" : options.Durability.ToString());
            json.WriteString("limits", options.EnforceLimits ? "aws" : "off");
            json.WriteString("accountId", options.AccountId);
            json.WriteNumber("memoryLimitBytes", MemoryPlan.Of(options).LimitBytes);
            json.WriteBoolean("testControls", options.TestControls);
            json.WriteString("integrity", Integrity);
            json.WriteNumber("damagedSegments", scrub?.Damaged.Count ?? 0);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
