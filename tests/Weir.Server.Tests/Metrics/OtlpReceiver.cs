using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Weir.Server.Tests.Metrics;

/// <summary>A collector: takes OTLP over HTTP or gRPC, and remembers what it was sent.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const int GrpcPrefixBytes = 5;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ProtobufFields> _exports = new();
    private readonly CancellationTokenSource _released = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public Uri Endpoint => new(_app.Urls.Single());

    /// <summary>The headers of the last request.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; private set; }

    /// <summary>The path of the last request.</summary>
    public string? Path { get; private set; }

    /// <summary>How many exports came.</summary>
    public int Count => _exports.Count;

    /// <summary>The attributes of the last export's resource.</summary>
    public Dictionary<string, string> Resource => Attributes(_exports.Last().Messages(1).Single().Messages(1).Single(), 1);

    public static async Task<OtlpReceiver> StartAsync(bool grpc = false, bool answers = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.Run(http => receiver.TakeAsync(http, grpc, answers));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>The points of a metric in the last export.</summary>
    public IReadOnlyList<OtlpPoint> Points(string scope, string name) => Points(_exports.Last(), scope, name);

    public async ValueTask DisposeAsync()
    {
        await _released.CancelAsync();
        await _app.DisposeAsync();
        _released.Dispose();
    }

    private async Task TakeAsync(HttpContext http, bool grpc, bool answers)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        if (!answers)
        {
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(_released.Token, http.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        (Headers, Path) = (http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()), http.Request.Path);
        _exports.Enqueue(new ProtobufFields(body.ToArray().AsMemory(grpc ? GrpcPrefixBytes : 0)));
        if (!grpc)
            return;
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.WriteAsync(new byte[GrpcPrefixBytes], http.RequestAborted);
        http.Response.AppendTrailer("grpc-status", "0");
    }

    private static OtlpPoint[] Points(ProtobufFields export, string scope, string name) =>
    [
        .. from resource in export.Messages(1)
           from metrics in resource.Messages(2)
           where metrics.Messages(1).Single().Text(1) == scope
           from metric in metrics.Messages(2)
           where metric.Text(1) == name
           from point in metric.Messages(5).Concat(metric.Messages(7)).SelectMany(data => data.Messages(1)).Select(Number)
               .Concat(metric.Messages(9).SelectMany(data => data.Messages(1)).Select(Histogram))
           select point with { Unit = metric.Text(3) },
    ];

    private static OtlpPoint Number(ProtobufFields point) => new(Attributes(point, 7), point.Has(4) ? point.Real(4) : point.Integer(6), 0, "");

    private static OtlpPoint Histogram(ProtobufFields point) => new(Attributes(point, 9), point.Real(5), point.Integer(4), "");

    private static Dictionary<string, string> Attributes(ProtobufFields message, int number) =>
        message.Messages(number).ToDictionary(pair => pair.Text(1), pair => pair.Messages(2).Single().Text(1));
}

/// <summary>A point of a metric.</summary>
/// <param name="Tags">Its attributes.</param>
/// <param name="Value">The value, or the sum of a histogram.</param>
/// <param name="Count">The count of a histogram.</param>
/// <param name="Unit">The metric's.</param>
internal sealed record OtlpPoint(Dictionary<string, string> Tags, double Value, long Count, string Unit);
