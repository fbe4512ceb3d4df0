using System.Globalization;
using System.Text.RegularExpressions;

namespace Weir.Server.Tests.Metrics;

/// <summary>A reader of Prometheus's text format that forgives nothing: what it does not know, or finds twice or out of place, fails the test.</summary>
internal sealed partial class MetricsText
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private MetricsText(string text) => Text = text;

    public string Text { get; }

    /// <summary>Families with their types, in order of appearance.</summary>
    public List<(string Name, string Type)> Families { get; } = [];

    /// <summary>Every sample by its name and labels as they stand in the text.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    public static MetricsText Parse(string text)
    {
        var metrics = new MetricsText(text);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        string? described = null;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
                described = line.Split(' ')[2];
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                metrics.Begin(line.Split(' '), described);
            else
                metrics.Add(line);
        }

        return metrics;
    }

    /// <summary>A value; null when there is no such series.</summary>
    /// <param name="name">The sample's name.</param>
    /// <param name="labels">Its labels as in the text, for example <c>stream_name="orders"</c>; those of the default region may lack it.</param>
    public double? Find(string name, string labels = "")
    {
        var withRegion = labels.Replace($"stream_name=\"{NameIn(labels)}\"", $"stream_name=\"{NameIn(labels)}\",region=\"{TestServer.Region}\"", StringComparison.Ordinal);
        return _samples.TryGetValue(labels.Length == 0 ? name : $"{name}{{{labels}}}", out var value)
            || _samples.TryGetValue($"{name}{{{withRegion}}}", out value) ? value : null;
    }

    /// <summary>A value of a stream's series; 0 when there is none.</summary>
    public double Of(string stream, string name, string more = "") => Find(name, $"stream_name=\"{stream}\"{more}") ?? 0;

    /// <summary>How many values a stream's distribution has, how many of them not above a bound, and their sum.</summary>
    public (double Count, double NotAbove, double Sum) Distribution(string stream, string name, double bound, string more = "") => (
        Of(stream, $"{name}_count", more),
        Of(stream, $"{name}_bucket", string.Create(CultureInfo.InvariantCulture, $"{more},le=\"{bound:R}\"")),
        Of(stream, $"{name}_sum", more));

    private static string NameIn(string labels) => StreamLabel().Match(labels).Groups[1].Value;

    private void Begin(string[] words, string? described)
    {
        Assert.Equal(words[2], described);
        Assert.Contains(words[3], (string[])["counter", "gauge", "histogram"]);
        Assert.DoesNotContain(Families, family => family.Name == words[2]);
        Families.Add((words[2], words[3]));
    }

    private void Add(string line)
    {
        var match = Sample().Match(line);
        Assert.True(match.Success, $"Not a sample: {line}");
        var (family, type) = Families[^1];
        var name = match.Groups["name"].Value;
        Assert.Contains(name, type == "histogram" ? [$"{family}_bucket", $"{family}_sum", $"{family}_count"] : (string[])[family]);
        Assert.True(_samples.TryAdd(name + match.Groups["labels"].Value, ValueOf(match.Groups["value"].Value)), $"Twice: {line}");
    }

    private static double ValueOf(string text) => text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(?<name>[a-z_:][a-z0-9_:]*)(?<labels>\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\[\\"n])*",?)+\})? (?<value>\S+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("stream_name=\"([^\"]*)\"")]
    private static partial Regex StreamLabel();
}
