using System.Diagnostics.Metrics;

namespace Weir.Server.Metrics;

/// <summary>Makes the meters of one server, and knows them again: servers of one process share the names and must not share the numbers.</summary>
/// <remarks>Thread-safe. Disposing ends every instrument, for whoever listens.</remarks>
internal sealed class ServerMeters : IMeterFactory
{
    private readonly Lock _gate = new();

    // By name; guarded by _gate. Null once disposed.
    private Dictionary<string, Meter>? _meters = [];

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The options have another owner's scope.</exception>
    public Meter Create(MeterOptions options)
    {
        if (options.Scope is not null && !ReferenceEquals(options.Scope, this))
            throw new ArgumentException($"Meter {options.Name} has a scope of its own; it cannot be this server's.", nameof(options));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_meters is null, this);
            if (_meters.TryGetValue(options.Name, out var known))
                return known;
            options.Scope = this;
            return _meters[options.Name] = new Meter(options);
        }
    }

    /// <summary>Whether an instrument belongs to this server.</summary>
    public bool Own(Instrument instrument) => ReferenceEquals(instrument.Meter.Scope, this);

    /// <inheritdoc />
    public void Dispose()
    {
        Dictionary<string, Meter>? meters;
        lock (_gate)
            (meters, _meters) = (_meters, null);
        foreach (var meter in meters?.Values ?? Enumerable.Empty<Meter>())
            meter.Dispose();
    }
}
