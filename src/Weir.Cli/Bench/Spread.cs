namespace Weir.Cli.Bench;

/// <summary>The least, the middle and the greatest of some figures: what a table says of several rounds.</summary>
/// <param name="Min">The least.</param>
/// <param name="Median">The middle one; of an even number, half way between the two.</param>
/// <param name="Max">The greatest.</param>
internal readonly record struct Spread(double Min, double Median, double Max)
{
    /// <summary>Of at least one figure, in any order.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static Spread Of(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        if (sorted.Count == 0)
            throw new InvalidOperationException("Nothing was measured.");
        var middle = sorted.Count / 2;
        return new Spread(sorted[0], sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[^1]);
    }
}
