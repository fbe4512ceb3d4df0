using System.Net;

namespace Weir.Server.Security.Policies;

/// <summary>What kind of value a condition key has; it decides which operators fit.</summary>
internal enum ConditionKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A text that is an ARN.</summary>
    Arn,

    /// <summary>A moment.</summary>
    Date,

    /// <summary>True or false.</summary>
    Truth,

    /// <summary>An IP address.</summary>
    Address,
}

/// <summary>One of the keys that conditions can ask for. Their names are IAM's, in whatever case.</summary>
internal sealed class ConditionKey
{
    private static readonly Dictionary<string, ConditionKey> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["aws:CurrentTime"] = new(ConditionKind.Date) { Date = facts => facts.Access.Now },
        ["aws:EpochTime"] = new(ConditionKind.Date) { Date = facts => facts.Access.Now },
        ["aws:PrincipalAccount"] = new(ConditionKind.Text) { Text = facts => facts.Access.Caller.Account },
        ["aws:PrincipalArn"] = new(ConditionKind.Arn) { Text = facts => facts.Access.Caller.Arn },
        ["aws:RequestedRegion"] = new(ConditionKind.Text) { Text = facts => facts.Access.Region },
        ["aws:ResourceAccount"] = new(ConditionKind.Text) { Text = facts => facts.ResourceAccount },
        ["aws:SecureTransport"] = new(ConditionKind.Truth) { Truth = facts => facts.Access.IsSecure },
        ["aws:SourceIp"] = new(ConditionKind.Address) { Address = facts => facts.Access.SourceAddress },
        ["aws:UserAgent"] = new(ConditionKind.Text) { Text = facts => facts.Access.UserAgent },
        ["aws:username"] = new(ConditionKind.Text) { Text = facts => facts.Access.Caller.UserName },
    };

    private ConditionKey(ConditionKind kind) => Kind = kind;

    /// <summary>The names of all keys, for messages.</summary>
    public static string Names => string.Join(", ", ByName.Keys);

    /// <summary>The kind of its value.</summary>
    public ConditionKind Kind { get; }

    /// <summary>The value of a text or ARN key; null when the request has none.</summary>
    public Func<ConditionFacts, string?> Text { get; private init; } = _ => null;

    /// <summary>The value of a date key.</summary>
    public Func<ConditionFacts, DateTimeOffset> Date { get; private init; } = _ => default;

    /// <summary>The value of a truth key.</summary>
    public Func<ConditionFacts, bool> Truth { get; private init; } = _ => false;

    /// <summary>The value of an address key; null when the request has none.</summary>
    public Func<ConditionFacts, IPAddress?> Address { get; private init; } = _ => null;

    /// <summary>Finds a key.</summary>
    public static ConditionKey? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Whether a request has this key at all.</summary>
    public bool IsPresent(ConditionFacts facts) => Kind switch
    {
        ConditionKind.Text or ConditionKind.Arn => Text(facts) is not null,
        ConditionKind.Address => Address(facts) is not null,
        _ => true,
    };
}
