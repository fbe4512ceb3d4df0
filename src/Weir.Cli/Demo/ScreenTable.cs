using Spectre.Console;

namespace Weir.Cli.Demo;

/// <summary>A column of the live table.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="Width">Characters, or <see cref="Rest"/> for what the others leave.</param>
/// <param name="AlignRight">Figures stand at the right.</param>
internal readonly record struct ScreenColumn(string Heading, int Width, bool AlignRight = false)
{
    /// <summary>The width of the one column that takes the rest.</summary>
    public const int Rest = 0;

    /// <summary>A column of figures.</summary>
    public static ScreenColumn Figure(string heading, int width) => new(heading, width, AlignRight: true);
}

/// <summary>A framed table as wide as the screen, whose columns stay where they are while the figures in them change.</summary>
internal sealed class ScreenTable
{
    // A line at its left and a space at each side; and a line at the table's right.
    private const int FrameOfColumn = 3, FrameOfTable = 1;

    private readonly int[] _widths;

    /// <param name="columns">One of them takes the rest.</param>
    /// <param name="width">Of the screen.</param>
    public ScreenTable(IReadOnlyList<ScreenColumn> columns, int width)
    {
        var rest = Math.Max(1, width - columns.Sum(column => column.Width + FrameOfColumn) - FrameOfTable);
        _widths = [.. columns.Select(column => column.Width == ScreenColumn.Rest ? rest : column.Width)];
        for (var i = 0; i < columns.Count; i++)
        {
            Table.AddColumn(new TableColumn(new Text(columns[i].Heading, new Style(decoration: Decoration.Bold)))
            {
                Alignment = columns[i].AlignRight ? Justify.Right : Justify.Left,
                Width = _widths[i],
                NoWrap = true,
            });
        }
    }

    /// <summary>What is drawn.</summary>
    public Table Table { get; } = new() { Border = TableBorder.Rounded, BorderStyle = DemoPicture.Quiet };

    /// <summary>The width of a column.</summary>
    public int WidthOf(int column) => _widths[column];

    /// <summary>Adds a row: one cell per column.</summary>
    public void Add(IEnumerable<Text> cells) => Table.AddRow(cells);
}
