using System.CommandLine;
using System.Globalization;

namespace Weir.Cli;

/// <summary>Makes options, and reads their values.</summary>
internal static class Options
{
    /// <summary>Reads a value; throws <see cref="FormatException"/> with a text that says what was expected.</summary>
    public delegate T Reader<T>(string text);

    /// <summary>An option with a value.</summary>
    /// <param name="name">For example <c>--port</c>.</param>
    /// <param name="placeholder">What stands for the value in the help.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="read">Reads the value.</param>
    /// <param name="fallback">The value when nothing is given.</param>
    /// <param name="shell">The surroundings, for the variable.</param>
    /// <param name="variable">The environment variable, or null.</param>
    /// <param name="shown">How the help shows the fallback, or null.</param>
    public static Setting<T> Value<T>(
        string name, string placeholder, string description, Reader<T> read, T fallback, Shell shell, string? variable = null, string? shown = null) =>
        new(name, read, fallback, shell, variable)
        {
            HelpName = placeholder,
            Description = description + (shown is null ? "" : $" Default {shown}.") + (variable is null ? "" : $" [{variable}]"),
            Arity = ArgumentArity.ExactlyOne,
        };

    /// <summary>An option that is there or not; as a variable, <c>1</c> or <c>0</c>.</summary>
    public static Setting<bool> Flag(string name, string description, Shell shell, string? variable = null) =>
        new(name, Truth, fallback: false, shell, variable)
        {
            Description = description + (variable is null ? "" : $" [{variable}=1]"),
            Arity = ArgumentArity.Zero,
        };

    /// <summary>Reads a whole number within a range.</summary>
    public static Reader<int> Integer(int min, int max) => text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {min} to {max}"));

    /// <summary>Reads a duration.</summary>
    public static TimeSpan Duration(string text) =>
        TimeText.TryParse(text, out var time) ? time : throw new FormatException($"expected {TimeText.Form}");

    /// <summary>Reads any text.</summary>
    public static string Text(string text) => text;

    /// <summary>Reads one of several words.</summary>
    public static Reader<string> OneOf(params string[] words) => text =>
        words.Contains(text, StringComparer.Ordinal) ? text : throw new FormatException($"expected {string.Join(", ", words[..^1])} or {words[^1]}");

    private static bool Truth(string text) => text switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => throw new FormatException("expected 1 or 0"),
    };
}
