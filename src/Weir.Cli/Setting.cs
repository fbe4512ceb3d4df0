using System.CommandLine;
using System.CommandLine.Parsing;

namespace Weir.Cli;

/// <summary>An option that may also come from an environment variable. The command line wins over the variable, that over the fallback.</summary>
/// <remarks>The parser's own default values are not used: the help would show them in .NET's spelling.</remarks>
internal sealed class Setting<T> : Option<T>
{
    private readonly Options.Reader<T> _read;
    private readonly T _fallback;
    private readonly Shell _shell;
    private readonly string? _variable;

    /// <param name="name">For example <c>--port</c>.</param>
    /// <param name="read">Reads the value; throws <see cref="FormatException"/> with a text that says what was expected.</param>
    /// <param name="fallback">The value when nothing is given.</param>
    /// <param name="shell">The surroundings, for the variable.</param>
    /// <param name="variable">The environment variable, or null.</param>
    public Setting(string name, Options.Reader<T> read, T fallback, Shell shell, string? variable)
        : base(name)
    {
        _read = read;
        _fallback = fallback;
        _shell = shell;
        _variable = variable;
        CustomParser = Parse;
    }

    /// <summary>Whether the command line has it.</summary>
    public bool IsGiven(ParseResult result) => result.GetResult(this) is { Implicit: false };

    /// <summary>The value.</summary>
    /// <exception cref="UsageException">The variable makes no sense.</exception>
    public T In(ParseResult result)
    {
        if (IsGiven(result))
            return result.GetValue(this)!;
        if (_variable is null || _shell.Variable(_variable) is not { Length: > 0 } text)
            return _fallback;
        try
        {
            return _read(text);
        }
        catch (FormatException exception)
        {
            throw new UsageException(Complaint(_variable, text, exception));
        }
    }

    private T Parse(ArgumentResult result)
    {
        // An option without a value is there or not.
        var text = result.Tokens.Count == 0 ? "true" : result.Tokens[0].Value;
        try
        {
            return _read(text);
        }
        catch (FormatException exception)
        {
            result.AddError(Complaint(Name, text, exception));
            return default!;
        }
    }

    private static string Complaint(string source, string text, FormatException exception) => $"{source} is '{text}': {exception.Message.TrimEnd('.')}.";
}

/// <summary>Reading settings in the order that the command line's result is passed around.</summary>
internal static class SettingReading
{
    /// <inheritdoc cref="Setting{T}.In"/>
    public static T Get<T>(this ParseResult result, Setting<T> setting) => setting.In(result);
}
