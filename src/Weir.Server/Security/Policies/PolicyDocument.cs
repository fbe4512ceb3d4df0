namespace Weir.Server.Security.Policies;

/// <summary>What a policy says to a question.</summary>
internal enum PolicyVerdict
{
    /// <summary>Nothing. Who is not allowed by anything is refused.</summary>
    None,

    /// <summary>A statement allows it and none denies it.</summary>
    Allow,

    /// <summary>A statement denies it, whatever the others say.</summary>
    Deny,
}

/// <summary>A policy in force: of an access key, or of a stream or consumer. Immutable.</summary>
/// <param name="statements">Its statements; their order means nothing.</param>
internal sealed class PolicyDocument(IReadOnlyList<PolicyStatement> statements)
{
    /// <summary>The policy of whoever needs none: a server without credentials allows everything.</summary>
    public static PolicyDocument AllowEverything { get; } = new([PolicyStatement.AllowEverything]);

    /// <summary>Its statements.</summary>
    public IReadOnlyList<PolicyStatement> Statements => statements;

    /// <summary>Answers a question: deny wins over allow, allow over silence.</summary>
    public PolicyVerdict Answer(in AccessQuestion question)
    {
        var verdict = PolicyVerdict.None;
        for (var i = 0; i < statements.Count; i++)
        {
            var statement = statements[i];
            // What is allowed already needs no second allow, only a look at the denials.
            if ((verdict == PolicyVerdict.Allow && !statement.IsDeny) || !statement.AppliesTo(question))
                continue;
            if (statement.IsDeny)
                return PolicyVerdict.Deny;
            verdict = PolicyVerdict.Allow;
        }

        return verdict;
    }
}
