namespace Weir.Server.Security.Policies;

/// <summary>One statement of a policy: it applies when action, resource, principal and every condition do. Immutable.</summary>
internal sealed class PolicyStatement
{
    /// <summary>Allows everything to everybody who has it as its own policy.</summary>
    public static PolicyStatement AllowEverything { get; } = new()
    {
        Actions = ActionSet.All,
        Resources = ResourceSet.All,
    };

    /// <summary>Whether it denies what it applies to; else it allows it.</summary>
    public bool IsDeny { get; init; }

    /// <summary>The operations.</summary>
    public required ActionSet Actions { get; init; }

    /// <summary>The resources.</summary>
    public required ResourceSet Resources { get; init; }

    /// <summary>The callers; null in the policy of an access key, whose owner is meant.</summary>
    public PrincipalSet? Principals { get; init; }

    /// <summary>All have to hold.</summary>
    public IReadOnlyList<Predicate<ConditionFacts>> Conditions { get; init; } = [];

    /// <summary>Whether it has something to say to a question.</summary>
    public bool AppliesTo(in AccessQuestion question)
    {
        if (!Actions.Contains(question.Operation) || !Resources.Contains(question.Resource) || Principals?.Contains(question.Facts.Caller) == false)
            return false;
        for (var i = 0; i < Conditions.Count; i++)
        {
            if (!Conditions[i](new ConditionFacts(question.Facts, question.ResourceAccount)))
                return false;
        }

        return true;
    }
}
