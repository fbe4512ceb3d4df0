namespace Weir.Log;

/// <summary>
/// The files that may not be cut yet although their logs have let go of them: readers are still at them. One for all logs of a store.
/// </summary>
/// <param name="freed">Called when there is a file less, with no lock of this object held.</param>
/// <remarks>Thread-safe. Holds a name for each such file, all of which are open.</remarks>
internal sealed class HeldFiles(Action freed)
{
    private readonly Lock _gate = new();

    // How many hold each: a log that was closed and opened again has two segments of one name, with readers of their own.
    private readonly Dictionary<string, int> _holds = new(StringComparer.Ordinal);

    public void Add(string name)
    {
        lock (_gate)
            _holds[name] = _holds.GetValueOrDefault(name) + 1;
    }

    public void Remove(string name)
    {
        lock (_gate)
        {
            if (--_holds[name] > 0)
                return;
            _holds.Remove(name);
        }

        freed();
    }

    public bool Contains(string name)
    {
        lock (_gate)
            return _holds.ContainsKey(name);
    }
}
