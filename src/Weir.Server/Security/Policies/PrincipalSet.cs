using System.Text.RegularExpressions;

namespace Weir.Server.Security.Policies;

/// <summary>The callers that a statement of a resource policy names. Immutable.</summary>
internal sealed partial class PrincipalSet
{
    private const string Everybody = "*";

    private readonly bool _isEverybody;
    private readonly HashSet<string> _accounts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _arns = new(StringComparer.Ordinal);

    private PrincipalSet(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (name == Everybody)
                _isEverybody = true;
            else if (Root().Match(name) is { Success: true } root)
                _accounts.Add(root.Groups["account"].Value);
            else
                _arns.Add(name);
        }
    }

    /// <summary>Reads names: <c>*</c>, an account's number, the ARN of its root (the whole account), of a user or of a role.</summary>
    /// <param name="names">The names.</param>
    /// <param name="fault">Why they cannot be, or null.</param>
    /// <remarks>Nobody here has a role, so that the ARN of one is right and matches nobody.</remarks>
    public static PrincipalSet Read(IReadOnlyList<string> names, out string? fault)
    {
        var wrong = names.FirstOrDefault(name => name != Everybody && !Root().IsMatch(name) && !Identity().IsMatch(name));
        fault = wrong is null ? null : $"'{wrong}' is no principal; principals are *, a 12-digit account, or the ARN of an account's root, user or role";
        return new PrincipalSet(names);
    }

    /// <summary>Whether a caller is among them.</summary>
    public bool Contains(Caller caller) => _isEverybody || _accounts.Contains(caller.Account) || _arns.Contains(caller.Arn);

    [GeneratedRegex(@"^(arn:aws[a-z-]*:iam::)?(?<account>[0-9]{12})(?(1):root)$")]
    private static partial Regex Root();

    [GeneratedRegex(@"^arn:aws[a-z-]*:(iam::[0-9]{12}:(user|role)|sts::[0-9]{12}:assumed-role)/[\w+=,.@/-]+$", RegexOptions.ECMAScript)]
    private static partial Regex Identity();
}
