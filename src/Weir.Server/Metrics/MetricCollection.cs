using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Weir.Server.Metrics;

/// <summary>Adds up what a server's instruments measure, from its start to its end, for whoever wants to read it.</summary>
/// <remarks>
/// Thread-safe. A series lives as long as what it is about: series of what is gone are forgotten at each collection, and in between as
/// soon as many were added, so that a server that nobody looks at does not grow either.
/// </remarks>
internal sealed partial class MetricCollection : IDisposable
{
    // Looking for series to forget costs a walk over all of them; after at least so many new ones it costs each of them little.
    private const int LeastAddedBeforeForgetting = 1000;

    private readonly MeterListener _listener;
    private readonly Func<Instrument, TagSet, bool> _lives;
    private readonly ILogger _logger;

    // Held while instruments are asked and series forgotten; no I/O.
    private readonly Lock _collecting = new();

    // Guarded by itself; published once each.
    private readonly List<InstrumentSeries> _instruments = [];

    private int _added;
    private int _forgetAfter = LeastAddedBeforeForgetting;

    /// <summary>Starts to listen.</summary>
    /// <param name="wanted">Whether to add up an instrument.</param>
    /// <param name="lives">Whether the thing that a series is about is still there.</param>
    /// <param name="logger">Hears of instruments that fail.</param>
    public MetricCollection(Func<Instrument, bool> wanted, Func<Instrument, TagSet, bool> lives, ILogger logger)
    {
        (_lives, _logger) = (lives, logger);
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (wanted(instrument))
                    listener.EnableMeasurementEvents(instrument, Add(instrument));
            },
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((InstrumentSeries)state!).Measure(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((InstrumentSeries)state!).Measure((long)value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((InstrumentSeries)state!).Measure(value, tags));
        _listener.Start();
    }

    /// <summary>Told how many series were forgotten, by whoever made the collection do so, perhaps a request: it may only take note.</summary>
    public Action<int>? Forgot { get; set; }

    /// <summary>The number of the present collection, from 1; 0 before the first.</summary>
    public long Number { get; private set; }

    /// <summary>How many series there are.</summary>
    public int SeriesCount => Instruments().Sum(instrument => instrument.Count);

    /// <summary>Asks the instruments that want to be asked, and gives every instrument, those without series too, in no order.</summary>
    public IReadOnlyList<InstrumentSeries> Collect()
    {
        lock (_collecting)
        {
            Number++;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException exception)
            {
                // The others were asked all the same. Measuring never breaks what is measured, nor the rest of the page.
                Log.InstrumentFailed(_logger, exception);
            }

            Forget_NeedsLock(Number);
            return Instruments();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    /// <summary>Called for each series that is new.</summary>
    internal void SeriesAdded()
    {
        if (Interlocked.Increment(ref _added) < Volatile.Read(ref _forgetAfter) || !_collecting.TryEnter())
            return;
        try
        {
            // Nobody was asked, so nothing is known of what they would tell.
            Forget_NeedsLock(collection: 0);
        }
        finally
        {
            _collecting.Exit();
        }
    }

    private void Forget_NeedsLock(long collection)
    {
        int forgotten = 0, left = 0;
        foreach (var instrument in Instruments())
        {
            forgotten += instrument.Forget(collection, _lives);
            left += instrument.Count;
        }

        Volatile.Write(ref _forgetAfter, Math.Max(LeastAddedBeforeForgetting, left));
        Volatile.Write(ref _added, 0);
        if (forgotten > 0)
            Forgot?.Invoke(forgotten);
    }

    private InstrumentSeries Add(Instrument instrument)
    {
        var series = new InstrumentSeries(instrument, this);
        lock (_instruments)
            _instruments.Add(series);
        return series;
    }

    private InstrumentSeries[] Instruments()
    {
        lock (_instruments)
            return [.. _instruments];
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Warning, "An instrument could not tell its value; the metrics lack it.")]
        public static partial void InstrumentFailed(ILogger logger, Exception exception);
    }
}
