namespace Weir.Log.Format;

/// <summary>Names of what was given up and waits for its room to be given back. See docs/formats/segment.md#discarded-files.</summary>
internal static class DiscardedName
{
    /// <summary>The directory beside those of the logs that it all lies in.</summary>
    public const string Directory = "discarded";

    private const string Extension = ".discarded";
    private const char Separator = '-';

    /// <summary>Name of a file that a log had, and of no other file of any log.</summary>
    /// <param name="log">The name of the log's directory.</param>
    /// <param name="file">The file's name in it.</param>
    public static string Of(string log, string file) => $"{log}{Separator}{file}{Extension}";

    /// <summary>The log's part of a file's name; empty when nobody here gave that name.</summary>
    public static string LogOf(string name) =>
        name.EndsWith(Extension, StringComparison.Ordinal) && name.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var end ? name[..end] : "";
}
