using System.Globalization;
using Weir.Ladder;

namespace Weir.Allocations;

/// <summary>A line of <c>bounds.tsv</c>: what a step may allocate.</summary>
/// <param name="Step">Which step.</param>
/// <param name="Bytes">At most so many for one operation.</param>
/// <param name="Why">What they are.</param>
internal sealed record Bound(StepName Step, long Bytes, string Why)
{
    private const int Columns = 5;

    /// <summary>The committed table.</summary>
    public static IReadOnlyList<Bound> Table { get; } = Read();

    private static List<Bound> Read()
    {
        using var reader = new StreamReader(typeof(Bound).Assembly.GetManifestResourceStream("bounds.tsv")!);
        var bounds = new List<Bound>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var cells = line.Split('\t');
            if (cells.Length != Columns)
                throw new InvalidDataException($"bounds.tsv has a line with {cells.Length} cells in place of {Columns}: {line}");
            bounds.Add(new Bound(
                new StepName(cells[0], cells[1], cells[2] == "-" ? "" : cells[2]), long.Parse(cells[3], NumberStyles.AllowThousands, CultureInfo.InvariantCulture), cells[4]));
        }

        return bounds;
    }
}
