using System.Globalization;

namespace Weir.Cli.Demo;

/// <summary>Reads the trace: a heading, then <c>TIMESTAMP,ContextTokens,GeneratedTokens</c> with times that do not go back.</summary>
internal static class TraceFile
{
    /// <summary>The file's name, in the samples and beside the program.</summary>
    public const string Name = "azure_llm_conv_2023.csv";

    private const string Heading = "TIMESTAMP,ContextTokens,GeneratedTokens";

    // 100 ns, as the trace has them.
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.fffffff";

    /// <summary>Where the build puts it.</summary>
    public static string Shipped => Path.Combine(AppContext.BaseDirectory, "data", Name);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">A line is not what it should be; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<TraceRow> Read(string path)
    {
        using var reader = File.OpenText(path);
        return Read(reader, Path.GetFileName(path));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="InvalidDataException">A line is not what it should be; the message names it.</exception>
    public static IReadOnlyList<TraceRow> Read(TextReader reader, string name)
    {
        if (reader.ReadLine() != Heading)
            throw new InvalidDataException($"{name}, line 1: expected the heading {Heading}.");
        var rows = new List<TraceRow>();
        while (reader.ReadLine() is { } line)
        {
            var row = Parse(line, rows.Count + 1);
            if (row is null)
                throw new InvalidDataException($"{name}, line {rows.Count + 2}: '{line}' is not a time and two counts of tokens.");
            if (rows.Count > 0 && row.Time < rows[^1].Time)
                throw new InvalidDataException($"{name}, line {rows.Count + 2}: {line} is earlier than the line before.");
            rows.Add(row);
        }

        return rows.Count > 0 ? rows : throw new InvalidDataException($"{name} has no rows.");
    }

    private static TraceRow? Parse(string line, int number)
    {
        var fields = line.Split(',');
        return fields.Length == 3
            && DateTime.TryParseExact(
                fields[0], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var context)
            && int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var generated)
            ? new TraceRow(number, time, context, generated)
            : null;
    }
}
