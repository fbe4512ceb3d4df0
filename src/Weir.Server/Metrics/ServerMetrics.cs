using System.Diagnostics.Metrics;
using Weir.Model;
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

    /// <summary>Makes the instruments of what requests share.</summary>
    public static void Observe(IMeterFactory meters, ServerMemory memory)
    {
        var meter = meters.Create(StreamMetrics.MeterName);
        meter.CreateObservableUpDownCounter("weir.server.budget.limit", () => (long)memory.Requests.Bytes + memory.SmallRequests.Bytes, "By", "Bytes that requests and responses may hold together.");
        meter.CreateObservableUpDownCounter("weir.server.budget.used", () => memory.UsedBytes, "By", "Bytes that requests and responses hold.");
        meter.CreateObservableUpDownCounter("weir.server.budget.waiting", () => memory.WaitingBytes, "By", "Bytes that requests and responses wait for.");
        meter.CreateObservableCounter("weir.server.budget.refusals", () => memory.Refusals, "{request}", "Waits for the byte budget that were too long; the request was refused.");
        meter.CreateObservableUpDownCounter("weir.server.large_work.waiting", () => memory.LargeWork.Waiting, "{request}", "Large bodies and pages that wait for their turn on a processor.");
    }

    /// <summary>Makes the instruments of the port.</summary>
    public static void Observe(IMeterFactory meters, ConnectionCount connections)
    {
        var meter = meters.Create(StreamMetrics.MeterName);
        meter.CreateObservableUpDownCounter("weir.server.connections", () => connections.Open, "{connection}", "Connections that clients have open.");
        meter.CreateObservableUpDownCounter(
            "weir.server.connections.limit", () => connections.MaxPlaces, "{connection}", "HTTP/1.1 connections that there may be; one of HTTP/2 counts as several.");
        meter.CreateObservableCounter("weir.server.connections.refused", () => connections.Refused, "{connection}", "Connections that were closed at once, since there were as many as may be.");
    }

    /// <summary>Makes the instruments of the process's memory.</summary>
    public static void Observe(IMeterFactory meters, MemoryPlan plan)
    {
        var meter = meters.Create(StreamMetrics.MeterName);
        meter.CreateObservableUpDownCounter("weir.server.memory.limit", () => plan.LimitBytes, "By", "Memory that the process may have resident; what it has is dotnet.process.memory.working_set.");
        meter.CreateObservableUpDownCounter(
            "weir.server.memory.buffers.used", () => BufferPool.Shared.LentBytes, "By", "Buffers of more than 1 KiB that requests, answers, appends and the recent commits are in, of all servers of the process.");
        meter.CreateObservableUpDownCounter(
            "weir.server.memory.buffers.idle", () => BufferPool.Shared.IdleBytes, "By", "Buffers of more than 1 KiB that are kept for the next use.");
    }

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
