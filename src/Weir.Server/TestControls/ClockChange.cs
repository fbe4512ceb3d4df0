using System.Globalization;
using System.Text.Json;

namespace Weir.Server.TestControls;

/// <summary>What a request wants the clock to do. Freezing comes before a move, resuming after it.</summary>
/// <param name="Freeze">Stop it.</param>
/// <param name="Resume">Let it run.</param>
/// <param name="Advance">How far to move it, or null.</param>
/// <param name="Set">Where to move it, or null.</param>
internal sealed record ClockChange(bool Freeze, bool Resume, TimeSpan? Advance, DateTimeOffset? Set)
{
    // Exactly these: a looser reader takes "12:00" for today, by the machine's clock. UTC where no zone is given.
    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>Reads <c>{"freeze":true}</c>, <c>{"advance":"24h"}</c>, <c>{"set":"2027-01-01T00:00:00Z"}</c>, <c>{"resume":true}</c>, and what goes together.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Read(JsonElement root, out ClockChange change)
    {
        var members = new ControlMembers(root);
        change = new ClockChange(
            members.Is("freeze", """To let the clock run again, send {"resume":true}"""),
            members.Is("resume", """To stop the clock, send {"freeze":true}"""),
            members.Duration("advance", DurationText.Longest),
            Time(members, "set"));
        if (members.Complaint is { } complaint)
            return complaint;
        return change switch
        {
            { Freeze: true, Resume: true } => "freeze and resume exclude each other.",
            { Advance: not null, Set: not null } => "advance and set exclude each other.",
            { Freeze: false, Resume: false, Advance: null, Set: null } => "The body says nothing; it must have freeze, advance, set or resume.",
            _ => null,
        };
    }

    private static DateTimeOffset? Time(ControlMembers members, string name)
    {
        const string Form = "a time in ISO 8601 such as \"2027-01-01T00:00:00Z\"";
        if (members.Text(name, Form) is not { } text)
            return null;
        if (DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        members.Complain(name, Form);
        return null;
    }
}
