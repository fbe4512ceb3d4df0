using System.Text;

namespace Weir.Cli.Output;

/// <summary>A column.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="AlignRight">Numbers stand at the right.</param>
internal readonly record struct Column(string Title, bool AlignRight = false);

/// <summary>Rows of text: with lines for a person, aligned by spaces for everything else.</summary>
internal sealed class TextTable(params Column[] columns)
{
    private const string Gap = "  ";

    // A terminal that gives no width, or none worth the name, gets the usual one.
    private const int NarrowestTerminal = 80;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row: one cell per column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table.</summary>
    public void Write(Shell shell)
    {
        if (shell.OutIsTerminal)
            WriteForPerson(shell);
        else
            WritePlain(shell.OutText);
    }

    private void WritePlain(TextWriter output)
    {
        var widths = Widths();
        WriteLine(output, widths, [.. columns.Select(column => column.Title.ToUpperInvariant())]);
        foreach (var row in _rows)
            WriteLine(output, widths, row);
    }

    private void WriteForPerson(Shell shell)
    {
        var console = Spectre.Console.AnsiConsole.Create(new Spectre.Console.AnsiConsoleSettings
        {
            Ansi = shell.Variable("TERM") is null or "dumb" ? Spectre.Console.AnsiSupport.No : Spectre.Console.AnsiSupport.Yes,
            Out = new Spectre.Console.AnsiConsoleOutput(shell.OutText),
        });
        console.Profile.Width = Math.Max(Console.WindowWidth, NarrowestTerminal);
        var table = new Spectre.Console.Table { Border = Spectre.Console.TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new Spectre.Console.TableColumn(new Spectre.Console.Text(column.Title, new Spectre.Console.Style(decoration: Spectre.Console.Decoration.Bold)))
            {
                Alignment = column.AlignRight ? Spectre.Console.Justify.Right : Spectre.Console.Justify.Left,
                NoWrap = true,
            });
        }

        foreach (var row in _rows)
            Spectre.Console.TableExtensions.AddRow(table, [.. row.Select(cell => new Spectre.Console.Text(cell))]);
        console.Write(table);
    }

    private int[] Widths() =>
        [.. columns.Select((column, index) => _rows.Select(row => row[index].Length).Append(column.Title.Length).Max())];

    private void WriteLine(TextWriter output, int[] widths, string[] cells)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                line.Append(Gap);
            line.Append(columns[i].AlignRight ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i]));
        }

        output.WriteLine(line.ToString().TrimEnd());
    }
}
