using System.Globalization;
using System.Text.Json;

namespace Weir.Server.TestControls;

/// <summary>
/// The members of a control's JSON object. Reads each by its name and notes the first thing that is wrong, in a sentence that names the
/// member, its value and what it may be; the reader asks for <see cref="Complaint"/> at the end.
/// </summary>
/// <remarks>Not thread-safe; lives as long as its document.</remarks>
internal sealed class ControlMembers
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private string? _complaint;

    /// <summary>Takes the members of an object.</summary>
    public ControlMembers(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            _complaint = $"The body is {root.GetRawText()}; it must be a JSON object.";
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!_members.TryAdd(member.Name, member.Value))
                Complain($"{member.Name} is there twice.");
        }
    }

    /// <summary>What is wrong, or null. Ask when everything was read: a member that nobody asked for is wrong too.</summary>
    public string? Complaint
    {
        get
        {
            if (_complaint is null && _members.Keys.FirstOrDefault(name => !_asked.Contains(name)) is { } unknown)
                Complain($"There is no member {unknown} here; there are {string.Join(", ", _asked.Order(StringComparer.Ordinal))}.");
            return _complaint;
        }
    }

    /// <summary>Whether the member is given, whatever its value; JSON's null is none.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Notes what is wrong, unless something was before.</summary>
    public void Complain(string complaint) => _complaint ??= complaint;

    /// <summary>Complains of a member's value.</summary>
    /// <param name="name">The member.</param>
    /// <param name="range">What it must be, to follow "it must be".</param>
    public void Complain(string name, string range) => Complain($"{name} is {_members[name].GetRawText()}; it must be {range}.");

    /// <summary>A text, or null when it is not given.</summary>
    public string? Text(string name, string range = "a text")
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        Complain(name, range);
        return null;
    }

    /// <summary>One text or a list of them; empty when the member is not given.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value)
            return [];
        if (value.ValueKind == JsonValueKind.String)
            return [value.GetString()!];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        Complain(name, "a text, or a list of at least one text");
        return [];
    }

    /// <summary>Whether the member is given. There is one value that it may have.</summary>
    /// <param name="name">The member.</param>
    /// <param name="otherwise">What to send instead of false, as a sentence.</param>
    public bool Is(string name, string otherwise)
    {
        if (Find(name) is not { } value)
            return false;
        if (value.ValueKind != JsonValueKind.True)
            Complain(name, $"true. {otherwise}".TrimEnd('.'));
        return true;
    }

    /// <summary>A truth; false when it is not given.</summary>
    public bool Flag(string name)
    {
        if (Find(name) is not { } value)
            return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Complain(name, "true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    /// <summary>A whole number within a range, or null when it is not given.</summary>
    public long? Integer(string name, long min, long max)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        Complain(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"));
        return null;
    }

    /// <summary>A number within a range, or null when it is not given.</summary>
    public double? Number(string name, double min, double max)
    {
        if (Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max)
            return number;
        Complain(name, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));
        return null;
    }

    /// <summary>A duration from zero to a longest one, or null when it is not given.</summary>
    public TimeSpan? Duration(string name, TimeSpan max)
    {
        if (Find(name) is not { } value)
            return null;
        var read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDecimal(out var seconds) && DurationText.TryMake(seconds, out var time) ? time : (TimeSpan?)null,
            JsonValueKind.String => DurationText.TryParse(value.GetString()!, out var time) ? time : null,
            _ => null,
        };
        if (read is null || read > max)
            Complain(name, $"{DurationText.Form}, up to {DurationText.Of(max)}");
        return read;
    }

    private JsonElement? Find(string name)
    {
        _asked.Add(name);
        return _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
