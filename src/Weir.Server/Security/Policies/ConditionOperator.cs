using System.Globalization;
using System.Net;

namespace Weir.Server.Security.Policies;

/// <summary>Makes the test of one condition: an operator, a key, and the values of which one has to fit.</summary>
/// <remarks>
/// A negated operator holds when no value fits, and when the request has no such key; every other one fails without the key, unless its
/// name ends in <c>IfExists</c>. These are IAM's rules.
/// </remarks>
internal sealed class ConditionOperator
{
    private const string IfExists = "IfExists";
    private const string Null = "Null";

    private static readonly Dictionary<string, ConditionOperator> ByName = new(StringComparer.Ordinal)
    {
        ["StringEquals"] = new(TextEquals, ConditionKind.Text, ConditionKind.Arn),
        ["StringNotEquals"] = new(TextEquals, ConditionKind.Text, ConditionKind.Arn) { IsNegated = true },
        ["StringEqualsIgnoreCase"] = new(TextEqualsIgnoringCase, ConditionKind.Text, ConditionKind.Arn),
        ["StringNotEqualsIgnoreCase"] = new(TextEqualsIgnoringCase, ConditionKind.Text, ConditionKind.Arn) { IsNegated = true },
        ["StringLike"] = new(TextLike, ConditionKind.Text, ConditionKind.Arn),
        ["StringNotLike"] = new(TextLike, ConditionKind.Text, ConditionKind.Arn) { IsNegated = true },
        // In IAM the two of each pair are the same.
        ["ArnEquals"] = new(TextLike, ConditionKind.Arn),
        ["ArnLike"] = new(TextLike, ConditionKind.Arn),
        ["ArnNotEquals"] = new(TextLike, ConditionKind.Arn) { IsNegated = true },
        ["ArnNotLike"] = new(TextLike, ConditionKind.Arn) { IsNegated = true },
        ["DateEquals"] = new(DateComparison((now, moment) => now == moment), ConditionKind.Date),
        ["DateNotEquals"] = new(DateComparison((now, moment) => now == moment), ConditionKind.Date) { IsNegated = true },
        ["DateLessThan"] = new(DateComparison((now, moment) => now < moment), ConditionKind.Date),
        ["DateLessThanEquals"] = new(DateComparison((now, moment) => now <= moment), ConditionKind.Date),
        ["DateGreaterThan"] = new(DateComparison((now, moment) => now > moment), ConditionKind.Date),
        ["DateGreaterThanEquals"] = new(DateComparison((now, moment) => now >= moment), ConditionKind.Date),
        ["Bool"] = new(TruthEquals, ConditionKind.Truth),
        ["IpAddress"] = new(AddressWithin, ConditionKind.Address),
        ["NotIpAddress"] = new(AddressWithin, ConditionKind.Address) { IsNegated = true },
    };

    private readonly Func<ConditionKey, string, Predicate<ConditionFacts>?> _compare;
    private readonly ConditionKind[] _kinds;

    private ConditionOperator(Func<ConditionKey, string, Predicate<ConditionFacts>?> compare, params ConditionKind[] kinds) =>
        (_compare, _kinds) = (compare, kinds);

    private bool IsNegated { get; init; }

    /// <summary>Makes a test.</summary>
    /// <param name="name">The operator, for example <c>StringLikeIfExists</c>.</param>
    /// <param name="keyName">The key, for example <c>aws:SourceIp</c>.</param>
    /// <param name="values">At least one value.</param>
    /// <param name="fault">Why there is no such test, or null.</param>
    public static Predicate<ConditionFacts>? Test(string name, string keyName, IReadOnlyList<string> values, out string? fault)
    {
        fault = null;
        if (ConditionKey.Find(keyName) is not { } key)
        {
            fault = $"the condition key '{keyName}' is not supported; there are {ConditionKey.Names}";
            return null;
        }

        if (name == Null)
            return NullTest(key, values, out fault);
        var isOptional = name.EndsWith(IfExists, StringComparison.Ordinal);
        if (!ByName.TryGetValue(isOptional ? name[..^IfExists.Length] : name, out var known) || !known._kinds.Contains(key.Kind))
        {
            fault = $"the condition operator '{name}' is not supported for {keyName}";
            return null;
        }

        var fits = new Predicate<ConditionFacts>[values.Count];
        for (var i = 0; i < values.Count; i++)
        {
            if (known._compare(key, values[i]) is not { } comparison)
            {
                fault = $"'{values[i]}' is no value for {name} of {keyName}";
                return null;
            }

            fits[i] = comparison;
        }

        return facts => key.IsPresent(facts) ? Array.Exists(fits, fit => fit(facts)) != known.IsNegated : isOptional || known.IsNegated;
    }

    private static Predicate<ConditionFacts> TextEquals(ConditionKey key, string value) => facts => key.Text(facts) == value;

    private static Predicate<ConditionFacts> TextEqualsIgnoringCase(ConditionKey key, string value) =>
        facts => string.Equals(key.Text(facts), value, StringComparison.OrdinalIgnoreCase);

    private static Predicate<ConditionFacts> TextLike(ConditionKey key, string value)
    {
        var pattern = new WildcardPattern(value);
        return facts => pattern.IsMatch(key.Text(facts));
    }

    private static Func<ConditionKey, string, Predicate<ConditionFacts>?> DateComparison(Func<DateTimeOffset, DateTimeOffset, bool> holds) =>
        (key, value) => Moment(value) is { } moment ? facts => holds(key.Date(facts), moment) : null;

    private static Predicate<ConditionFacts>? TruthEquals(ConditionKey key, string value) =>
        Truth(value) is { } truth ? facts => key.Truth(facts) == truth : null;

    private static Predicate<ConditionFacts>? AddressWithin(ConditionKey key, string value)
    {
        if (IPNetwork.TryParse(value, out var network))
            return facts => network.Contains(key.Address(facts)!);
        return IPAddress.TryParse(value, out var address) ? facts => address.Equals(key.Address(facts)) : null;
    }

    private static Predicate<ConditionFacts>? NullTest(ConditionKey key, IReadOnlyList<string> values, out string? fault)
    {
        var isAbsent = values.Count == 1 ? Truth(values[0]) : null;
        fault = isAbsent is null ? "Null takes one value, true or false" : null;
        return isAbsent is { } absent ? facts => key.IsPresent(facts) != absent : null;
    }

    private static bool? Truth(string value) => bool.TryParse(value, out var truth) ? truth : null;

    // ISO 8601 from the year on, or seconds since 1970.
    private static DateTimeOffset? Moment(string value)
    {
        if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        var isIso = value.Length >= 10 && value[4] == '-' && value[7] == '-';
        return isIso && DateTimeOffset.TryParse(
            value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : null;
    }
}
