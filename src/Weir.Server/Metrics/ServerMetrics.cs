using System.Diagnostics.Metrics;
using Weir.Server.Http;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>Everything that a server measures of itself, in parts.</summary>
/// <remarks>Thread-safe. The instruments live as long as the factory that made their meters.</remarks>
internal sealed class ServerMetrics
{
    private readonly StreamEngine _engine;
    private readonly string _account;

    /// <summary>Makes all instruments.</summary>
    /// <param name="meters">Owns them.</param>
    /// <param name="engine">The engine; asked at each collection.</param>
    /// <param name="account">The server's account.</param>
    public ServerMetrics(IMeterFactory meters, StreamEngine engine, string account)
    {
        (_engine, _account) = (engine, account);
        var shards = new ShardLevelMetrics(meters, account);
        Streams = new StreamMetrics(meters, account, shards);
        Consumers = new ConsumerMetrics(meters, account, shards);
        Requests = new RequestMetrics(meters, engine.Time);
        _ = new EngineMetrics(meters, engine, account);
    }

    /// <summary>Puts and reads, by stream and by shard.</summary>
    public StreamMetrics Streams { get; }

    /// <summary>Enhanced fan-out.</summary>
    public ConsumerMetrics Consumers { get; }

    /// <summary>Requests of all kinds.</summary>
    public RequestMetrics Requests { get; }

    /// <summary>Makes the instruments of the byte budget.</summary>
    public static void Observe(IMeterFactory meters, ByteBudget budget)
    {
        var meter = meters.Create(StreamMetrics.MeterName);
        meter.CreateObservableUpDownCounter("weir.server.budget.limit", () => (long)budget.Bytes, "By", "Bytes that requests and responses may hold together.");
        meter.CreateObservableUpDownCounter("weir.server.budget.used", () => budget.UsedBytes, "By", "Bytes that requests and responses hold.");
        meter.CreateObservableUpDownCounter("weir.server.budget.waiting", () => budget.WaitingBytes, "By", "Bytes that requests and responses wait for.");
        meter.CreateObservableCounter("weir.server.budget.refusals", () => budget.Refusals, "{request}", "Waits for the byte budget that were too long; the request was refused.");
    }

    /// <summary>Makes the instruments of the port.</summary>
    public static void Observe(IMeterFactory meters, ConnectionCount connections) => meters.Create(StreamMetrics.MeterName)
        .CreateObservableUpDownCounter("weir.server.connections", () => connections.Open, "{connection}", "Connections that clients have open.");

    /// <summary>An operation came to its end. The one place where calls are timed.</summary>
    /// <param name="call">What it was, and about what.</param>
    /// <param name="began">The clock's timestamp when it began.</param>
    public void Ended(Operations.OperationCall call, long began)
    {
        // What a request names need not exist; what does not exist has no series.
        if (Streams.LatencyOf(call.Operation) is { } latency && call.Target.Stream is { } name && _engine.Streams.Find(name) is { } stream)
            latency.Record(_engine.Time.GetElapsedTime(began).TotalMilliseconds, SeriesTags.OfStream(stream.Name, _account));
    }

    /// <summary>The clock's timestamp, for <see cref="Ended"/>.</summary>
    public long Now => _engine.Time.GetTimestamp();
}
