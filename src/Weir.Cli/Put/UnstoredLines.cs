using System.Globalization;

namespace Weir.Cli.Put;

/// <summary>The lines that were not acknowledged, and why. Not thread-safe.</summary>
internal sealed class UnstoredLines
{
    // More make no message that anybody reads.
    private const int MaxNamed = 20;

    private readonly List<(long First, long Last)> _ranges = [];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a line. Its number is higher than those before.</summary>
    public void Add(long line)
    {
        if (_ranges.Count > 0 && _ranges[^1].Last == line - 1)
            _ranges[^1] = (_ranges[^1].First, line);
        else
            _ranges.Add((line, line));
        Count++;
    }

    /// <summary>Says which lines were not put, for example <c>4 lines were not put (3, 5 to 7)</c>.</summary>
    public override string ToString() => Count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"line {_ranges[0].First} was not put")
        : string.Create(CultureInfo.InvariantCulture, $"{Count} lines were not put ({string.Join(", ", Ranges())})");

    private IEnumerable<string> Ranges()
    {
        foreach (var (first, last) in _ranges.Take(MaxNamed))
            yield return first == last ? Text(first) : $"{Text(first)} to {Text(last)}";
        if (_ranges.Count > MaxNamed)
            yield return $"and {Text(_ranges.Skip(MaxNamed).Sum(range => range.Last - range.First + 1))} more up to {Text(_ranges[^1].Last)}";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
