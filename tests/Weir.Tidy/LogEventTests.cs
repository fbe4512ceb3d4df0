using System.Globalization;
using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>Event ids are what operators filter by: written as numbers, unique in the tree, in the range of their project.</summary>
public sealed partial class LogEventTests
{
    // The first of a thousand ids for each project.
    private static readonly Dictionary<string, int> Ranges = new(StringComparer.Ordinal)
    {
        ["Log"] = 1000,
        ["Streams"] = 2000,
        ["Server"] = 3000,
        ["Client"] = 4000,
        ["Cli"] = 5000,
        ["Pipelines"] = 6000,
        ["Producer"] = 7000,
        ["Consumer"] = 8000,
        ["Autoscaler"] = 9000,
        ["Console"] = 10000,
        ["Storage"] = 11000,
    };

    [Fact]
    public void Event_ids_are_unique_and_in_their_projects_range() => Source.AssertNone(Complaints(Tree.Checkout));

    [Theory]
    [InlineData("src/Weir.Log/A.cs", "[LoggerMessage(EventId = 2001, Level = LogLevel.Debug, Message = \"x\")]")]
    [InlineData("src/Weir.Log/A.cs", "[LoggerMessage(999, LogLevel.Debug, \"x\")]")]
    [InlineData("src/Weir.Log/A.cs", "[LoggerMessage(\n    Level = LogLevel.Debug,\n    EventId = 2000)]")]
    [InlineData("src/Weir.Log/A.cs", "[LoggerMessage(LogLevel.Debug, \"no id\")]")]
    [InlineData("src/Weir.Log/A.cs", "[LoggerMessage(1001, LogLevel.Debug, \"x\")] [LoggerMessage(1001, LogLevel.Debug, \"y\")]")]
    [InlineData("src/Weir.Unheard/A.cs", "[LoggerMessage(1001, LogLevel.Debug, \"x\")]")]
    public void A_wrong_missing_or_repeated_id_is_found(string path, string text) => Assert.NotEmpty(Complaints(new Tree((path, text))));

    [Theory]
    [InlineData("src/Weir.Log/A.cs", "[LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = \"at (x)\")]")]
    [InlineData("src/Weir.Consumer.Sqlite/A.cs", "[LoggerMessage(8500, LogLevel.Debug, \"x\")]")]
    public void A_right_id_is_not(string path, string text) => Assert.Empty(Complaints(new Tree((path, text))));

    private static IEnumerable<string> Complaints(Tree tree)
    {
        var seen = new Dictionary<int, string>();
        foreach (var (path, text) in tree.SourcesBelow("src/"))
        {
            var code = Source.WithoutComments(text);
            foreach (Match attribute in Attribute().Matches(code))
            {
                var where = $"{path}:{Source.LineOf(code, attribute.Index)}";
                if (!int.TryParse(attribute.Groups["id"].Value, CultureInfo.InvariantCulture, out var id))
                {
                    yield return $"{where}: a log message without a number";
                    continue;
                }

                if (!Ranges.TryGetValue(path.Split('/')[1].Split('.')[1], out var first))
                    yield return $"{where}: its project has no range; give it one in {nameof(LogEventTests)}";
                else if (id < first || id > first + 999)
                    yield return $"{where}: event id {id} is outside {first} to {first + 999}";
                if (!seen.TryAdd(id, where))
                    yield return $"{where}: event id {id} is taken by {seen[id]}";
            }
        }
    }

    // The id is the first argument, or the named one anywhere before the attribute's end.
    [GeneratedRegex(@"\[LoggerMessage\((?:\s*(?<id>\d+)\s*,|(?:[^\]]*?\bEventId\s*=\s*(?<id>\d+))|)", RegexOptions.Singleline)]
    private static partial Regex Attribute();
}
