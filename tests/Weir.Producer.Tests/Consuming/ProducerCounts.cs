using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Weir.Producer.Tests.Consuming;

/// <summary>Counts what the producer of a stream measures.</summary>
internal sealed class ProducerCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public ProducerCounts(string stream)
    {
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Weir.Producer" && instrument is Counter<long>)
                self.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "StreamName" && (string?)tag.Value == stream)
                    _counts.AddOrUpdate(instrument.Name, value, (_, before) => before + value);
            }
        });
        _listener.Start();
    }

    /// <summary>The sum of a counter.</summary>
    public long this[string instrument] => _counts.GetValueOrDefault(instrument);

    public void Dispose() => _listener.Dispose();
}
