using System.Text;

namespace Weir.ModelGenerator;

/// <summary>C# names for the model's words.</summary>
internal static class Names
{
    /// <summary>
    /// ShardIteratorType becomes ShardIteratorTypes, StreamStatus StreamStatuses, RecordDistributionStrategy ...Strategies.
    /// </summary>
    public static string Plural(string name) =>
        name.EndsWith('y') ? name[..^1] + "ies"
        : name.EndsWith('s') ? name + "es"
        : name + "s";

    /// <summary>TRIM_HORIZON becomes TrimHorizon; IncomingBytes stays.</summary>
    public static string Pascal(string value)
    {
        if (value.Any(char.IsLower))
            return value;
        var text = new StringBuilder(value.Length);
        foreach (var word in value.Split('_'))
            text.Append(word[0]).Append(word[1..].ToLowerInvariant());
        return text.ToString();
    }
}
