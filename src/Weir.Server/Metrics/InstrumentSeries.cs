using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Weir.Server.Metrics;

/// <summary>What the values of an instrument mean.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>All series of one instrument.</summary>
/// <remarks>Thread-safe. Measuring allocates only for a series that is new.</remarks>
internal sealed class InstrumentSeries
{
    // OpenTelemetry's defaults, for instruments that give no advice.
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    private readonly ConcurrentDictionary<TagSet, Series> _series = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _byTags;
    private readonly MetricCollection _collection;
    private readonly double[]? _bounds;
    private readonly bool _replaces;
    private readonly bool _isAsked;

    public InstrumentSeries(Instrument instrument, MetricCollection collection)
    {
        Instrument = instrument;
        _collection = collection;
        _byTags = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        _isAsked = instrument.IsObservable;
        var type = instrument.GetType();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (generic == typeof(Histogram<>))
        {
            Kind = MetricKind.Histogram;
            _bounds = Bounds(instrument);
        }
        else if (generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>))
        {
            Kind = MetricKind.Counter;
        }
        else
        {
            Kind = MetricKind.Gauge;
        }

        // An instrument that is asked tells its present value, as a gauge does; the others tell changes.
        _replaces = _isAsked || generic == typeof(Gauge<>);
    }

    /// <summary>The instrument.</summary>
    public Instrument Instrument { get; }

    /// <summary>What its values mean.</summary>
    public MetricKind Kind { get; }

    /// <summary>How many series there are.</summary>
    public int Count => _series.Count;

    /// <summary>The series, in no order.</summary>
    public IEnumerable<Series> All => _series.Select(entry => entry.Value);

    public void Measure(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (series is DistributionSeries distribution)
            distribution.Record(value);
        else if (_replaces)
            ((ValueSeries)series).Set(value);
        else
            ((ValueSeries)series).Add(value);
    }

    public void Measure(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = Find(tags);
        if (series is DistributionSeries distribution)
            distribution.Record(value);
        else if (_replaces)
            ((ValueSeries)series).Set(value);
        else
            ((ValueSeries)series).Add(value);
    }

    /// <summary>Forgets series: those of an instrument that is asked and did not tell them in this collection, and those that stand for nothing any more.</summary>
    /// <param name="collection">The number of the present collection; 0 when nobody was asked.</param>
    /// <param name="lives">Whether the thing that a series is about is still there.</param>
    /// <returns>How many it were.</returns>
    public int Forget(long collection, Func<Instrument, TagSet, bool> lives)
    {
        var forgotten = 0;
        foreach (var (tags, series) in _series)
        {
            var gone = _isAsked ? collection != 0 && series.SeenIn != collection : !lives(Instrument, tags);
            if (gone && _series.TryRemove(tags, out _))
                forgotten++;
        }

        return forgotten;
    }

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_byTags.TryGetValue(tags, out var series))
        {
            var added = new TagSet(tags);
            series = _series.GetOrAdd(added, _bounds is null ? new ValueSeries(added) : new DistributionSeries(added, _bounds));
            _collection.SeriesAdded();
        }

        if (_isAsked)
            series.SeenIn = _collection.Number;
        return series;
    }

    private static double[] Bounds(Instrument instrument)
    {
        var advised = instrument switch
        {
            Histogram<double> real => real.Advice?.HistogramBucketBoundaries?.ToArray(),
            Histogram<long> whole => whole.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
            Histogram<int> whole => whole.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound).ToArray(),
            _ => null,
        };
        return advised ?? DefaultBounds;
    }
}
