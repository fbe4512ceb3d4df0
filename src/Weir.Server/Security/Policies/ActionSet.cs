using System.Collections.Frozen;
using Weir.Protocol;

namespace Weir.Server.Security.Policies;

/// <summary>The operations that a statement names. Patterns are resolved when the policy is read, so asking is one look-up. Immutable.</summary>
internal sealed class ActionSet
{
    private const string Service = "kinesis:";

    private readonly FrozenSet<KinesisOperation> _operations;

    private ActionSet(IEnumerable<KinesisOperation> operations) => _operations = operations.ToFrozenSet();

    /// <summary>Every operation.</summary>
    public static ActionSet All { get; } = new(KinesisOperation.All);

    /// <summary>Some operations.</summary>
    public static ActionSet Of(IEnumerable<KinesisOperation> operations) => new(operations);

    /// <summary>The operations.</summary>
    public IEnumerable<KinesisOperation> Operations => _operations;

    /// <summary>Resolves patterns such as <c>kinesis:Get*</c>. Their case does not matter.</summary>
    /// <param name="patterns">The patterns of <c>Action</c> or <c>NotAction</c>.</param>
    /// <param name="isComplement">Whether they are those of <c>NotAction</c>.</param>
    /// <param name="fault">Why they cannot be, or null.</param>
    /// <remarks>
    /// Actions of other services are right and mean nothing here. A Kinesis action that does not exist is a spelling mistake, and in a
    /// <c>NotAction</c> or a denial it would give away what it was to protect: so it is refused.
    /// </remarks>
    public static ActionSet Resolve(IReadOnlyList<string> patterns, bool isComplement, out string? fault)
    {
        fault = null;
        var named = new HashSet<KinesisOperation>();
        foreach (var pattern in patterns)
        {
            var colon = pattern.IndexOf(':', StringComparison.Ordinal);
            if (pattern != "*" && colon <= 0)
                fault ??= $"'{pattern}' is no action; actions are written service:Operation, such as kinesis:PutRecord";
            var wildcard = new WildcardPattern(pattern, ignoreCase: true);
            var matches = KinesisOperation.All.Where(operation => wildcard.IsMatch(Service + operation.Name)).ToList();
            named.UnionWith(matches);
            if (matches.Count == 0 && pattern.StartsWith(Service, StringComparison.OrdinalIgnoreCase))
                fault ??= $"'{pattern}' names no action of Kinesis";
        }

        return new ActionSet(isComplement ? KinesisOperation.All.Where(operation => !named.Contains(operation)) : named);
    }

    /// <summary>Whether an operation is among them.</summary>
    public bool Contains(KinesisOperation operation) => _operations.Contains(operation);
}
