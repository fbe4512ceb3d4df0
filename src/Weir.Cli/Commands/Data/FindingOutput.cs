using System.Globalization;
using System.Text.Json;
using Weir.Cli.Output;
using Weir.Log.Integrity;
using Weir.Streams.Integrity;

namespace Weir.Cli.Commands.Data;

/// <summary>Writes what a check found, for people and for machines.</summary>
internal static class FindingOutput
{
    /// <summary>One block of lines for each finding.</summary>
    public static void WriteText(TextWriter output, IEnumerable<DataFinding> findings)
    {
        foreach (var (stream, finding, affected) in findings)
        {
            var about = stream is { } name ? $"{name.Region}/{name.Name}  " : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Kind(finding).ToUpperInvariant()}  {about}{finding.File} at {finding.Offset}"));
            output.WriteLine($"  expected  {finding.Expected}");
            output.WriteLine($"  found     {finding.Found}");
            foreach (var range in affected)
                output.WriteLine($"  affected  {range.Shard}, {Figures.Count(range.Records)} {(range.Records == 1 ? "record" : "records")}{Numbers(range)}");
            output.WriteLine($"  means     {finding.Meaning}");
            if (finding.Advice.Length > 0)
                output.WriteLine($"  do        {finding.Advice}");
            output.WriteLine();
        }
    }

    /// <summary>A member <c>findings</c> of the object that is being written.</summary>
    public static void WriteJson(Utf8JsonWriter writer, IEnumerable<DataFinding> findings)
    {
        writer.WriteStartArray("findings");
        foreach (var (stream, finding, affected) in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("kind", Kind(finding));
            if (stream is { } name)
            {
                writer.WriteString("stream", name.Name);
                writer.WriteString("region", name.Region);
                writer.WriteString("accountId", name.Account);
            }

            writer.WriteString("file", finding.File);
            writer.WriteNumber("offset", finding.Offset);
            writer.WriteString("expected", finding.Expected);
            writer.WriteString("found", finding.Found);
            writer.WriteString("meaning", finding.Meaning);
            writer.WriteString("advice", finding.Advice);
            writer.WriteStartArray("affected");
            foreach (var range in affected)
            {
                writer.WriteStartObject();
                writer.WriteString("shardId", range.Shard.ToString());
                writer.WriteNumber("records", range.Records);
                if (range.First is { } first)
                    writer.WriteString("from", first.ToString());
                if (range.Last is { } last)
                    writer.WriteString("to", last.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>What a check comes to, in one line.</summary>
    public static string Summary(DataReport report)
    {
        var damage = report.Findings.Count(finding => finding.Finding.Kind == FindingKind.Damage);
        var notes = report.Findings.Count - damage;
        var verdict = damage == 0 ? "No damage" : damage == 1 ? "1 damaged place" : $"{Figures.Count(damage)} damaged places";
        return verdict + (notes == 0 ? "." : notes == 1 ? ", 1 note." : $", {Figures.Count(notes)} notes.");
    }

    private static string Kind(LogFinding finding) => finding.Kind == FindingKind.Damage ? "damage" : "note";

    private static string Numbers(AffectedRange range) =>
        (range.First is { } first ? $", sequence numbers from {first}" : "") + (range.Last is { } last ? $" to {last}" : "");
}
