using System.CommandLine;
using Weir.Cli.Output;

namespace Weir.Cli.Commands.Credentials;

/// <summary>What a new access key may do, as options: a few words for the usual cases, a whole policy for the others.</summary>
internal sealed class PolicyOptions
{
    private const string Everything = "*";

    private static readonly string[] Reading = ["kinesis:Describe*", "kinesis:Get*", "kinesis:List*", "kinesis:SubscribeToShard"];

    private readonly Setting<string[]?> _allow;
    private readonly Setting<string[]?> _streams;
    private readonly Setting<bool> _readOnly;
    private readonly Setting<string?> _policy;

    /// <summary>Adds the options to a command.</summary>
    public PolicyOptions(Command command, Shell shell)
    {
        _allow = Options.Value<string[]?>("--allow", "ACTIONS", "The operations that it may call, with commas between, such as PutRecord,PutRecords or 'Get*'. Default all.", ReadActions, null, shell);
        _streams = Options.Value<string[]?>("--streams", "PATTERNS", "The streams, and their consumers, that it may use, with commas between, such as orders,'clicks-*'. Default all, and what is about no stream (ListStreams).", ReadStreams, null, shell);
        _readOnly = Options.Flag("--read-only", "Allow the operations that change nothing: Describe, Get and List, and SubscribeToShard.", shell);
        _policy = Options.Value<string?>("--policy", "FILE", "A policy in IAM's JSON, in place of these options.", Options.Text, null, shell);
        foreach (var option in (ReadOnlySpan<Option>)[_allow, _streams, _readOnly, _policy])
            command.Add(option);
    }

    /// <summary>The policy.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="account">The account of the key, or null.</param>
    /// <exception cref="UsageException">Options that exclude each other are given together.</exception>
    /// <exception cref="CommandFailure">The policy's file cannot be read.</exception>
    public string Text(ParseResult result, string? account)
    {
        if (result.Get(_policy) is { } file)
        {
            if (_allow.IsGiven(result) || _streams.IsGiven(result) || _readOnly.IsGiven(result))
                throw new UsageException("--policy says it all: it excludes --allow, --streams and --read-only.");
            return Read(file);
        }

        if (_allow.IsGiven(result) && _readOnly.IsGiven(result))
            throw new UsageException("--allow and --read-only exclude each other.");
        return Write(
            result.Get(_readOnly) ? Reading : result.Get(_allow) ?? ["kinesis:*"],
            result.Get(_streams) is { } streams ? [.. streams.SelectMany(pattern => Resources(pattern, account ?? Everything))] : [Everything]);
    }

    private static string[] Resources(string pattern, string account) =>
    [
        $"arn:aws*:kinesis:*:{account}:stream/{pattern}",
        $"arn:aws*:kinesis:*:{account}:stream/{pattern}/consumer/*",
    ];

    private static string Write(string[] actions, string[] resources) => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("Version", "2012-10-17");
        writer.WriteStartArray("Statement");
        writer.WriteStartObject();
        writer.WriteString("Effect", "Allow");
        WriteTexts("Action", actions);
        WriteTexts("Resource", resources);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();

        void WriteTexts(string name, string[] texts)
        {
            writer.WriteStartArray(name);
            foreach (var text in texts)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
    });

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(exception.Message, exception);
        }
    }

    // The service may be left out: there is only one.
    private static string[] ReadActions(string text) =>
        [.. Parts(text).Select(action => action == Everything || action.Contains(':', StringComparison.Ordinal) ? action : $"kinesis:{action}")];

    private static string[] ReadStreams(string text)
    {
        var patterns = Parts(text);
        return Array.TrueForAll(patterns, pattern => pattern.All(character => char.IsAsciiLetterOrDigit(character) || "_.-*?".Contains(character)))
            ? patterns
            : throw new FormatException("expected names of streams, which may have * and ? in them");
    }

    private static string[] Parts(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 0 ? parts : throw new FormatException("expected at least one name");
    }
}
