using System.Diagnostics.Metrics;
using Weir.Streams;

namespace Weir.Server.Metrics;

/// <summary>What the engine holds, asked for at each collection: streams, shards, consumers and stored bytes.</summary>
internal sealed class EngineMetrics
{
    private readonly StreamEngine _engine;
    private readonly string _account;

    /// <summary>Makes the instruments.</summary>
    public EngineMetrics(IMeterFactory meters, StreamEngine engine, string account)
    {
        (_engine, _account) = (engine, account);
        var meter = meters.Create(StreamMetrics.MeterName);
        meter.CreateObservableUpDownCounter("weir.server.streams", Streams, "{stream}", "Streams, by status.");
        meter.CreateObservableUpDownCounter("weir.server.shards", Shards, "{shard}", "Shards that have not expired, by state.");
        meter.CreateObservableUpDownCounter(
            "weir.server.consumers", () => _engine.Streams.All.Sum(stream => (long)stream.Current.Consumers.Count), "{consumer}", "Consumers that are registered.");
        meter.CreateObservableUpDownCounter("weir.stream.stored", Stored, "By", "Bytes that a stream occupies.");
    }

    private IEnumerable<Measurement<long>> Streams() => _engine.Streams.All
        .GroupBy(stream => stream.Current.Row.Status)
        .Select(group => new Measurement<long>(
            group.Count(), new KeyValuePair<string, object?>("Status", Operations.OperationContext.StatusText(group.Key))));

    private IEnumerable<Measurement<long>> Shards()
    {
        long open = 0, closed = 0;
        foreach (var stream in _engine.Streams.All)
        {
            var shards = stream.Current.Shards;
            open += shards.Open.Count;
            closed += shards.All.Count - shards.Open.Count;
        }

        yield return new Measurement<long>(open, new KeyValuePair<string, object?>("State", "OPEN"));
        yield return new Measurement<long>(closed, new KeyValuePair<string, object?>("State", "CLOSED"));
    }

    private IEnumerable<Measurement<long>> Stored()
    {
        foreach (var stream in _engine.Streams.All)
        {
            if (stream.Current.Log is { } log)
                yield return new Measurement<long>(log.StoredBytes, SeriesTags.OfStream(stream.Name, _account));
        }
    }
}
