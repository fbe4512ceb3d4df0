namespace Weir.Server.Security.Policies;

/// <summary>The resources that a statement names. Immutable.</summary>
/// <param name="patterns">The patterns of <c>Resource</c> or <c>NotResource</c>.</param>
/// <param name="isComplement">Whether they are those of <c>NotResource</c>.</param>
internal sealed class ResourceSet(IReadOnlyList<WildcardPattern> patterns, bool isComplement)
{
    /// <summary>Every resource.</summary>
    public static ResourceSet All { get; } = new([new WildcardPattern("*")], isComplement: false);

    /// <summary>Reads patterns such as <c>arn:aws:kinesis:*:123456789012:stream/orders-*</c>. Their case matters.</summary>
    /// <param name="texts">The patterns.</param>
    /// <param name="isComplement">Whether they are those of <c>NotResource</c>.</param>
    /// <param name="fault">Why they cannot be, or null.</param>
    public static ResourceSet Read(IReadOnlyList<string> texts, bool isComplement, out string? fault)
    {
        var wrong = texts.FirstOrDefault(text => text != "*" && !text.StartsWith("arn:", StringComparison.Ordinal));
        fault = wrong is null ? null : $"'{wrong}' is no resource; resources are ARNs, or *";
        return new ResourceSet([.. texts.Select(text => new WildcardPattern(text))], isComplement);
    }

    /// <summary>Whether they are one resource and nothing else, by its name and not by a pattern.</summary>
    public bool IsOnly(string resource) => !isComplement && patterns.Count > 0 && patterns.All(pattern => pattern.ToString() == resource);

    /// <summary>Whether a resource is among them.</summary>
    public bool Contains(string resource)
    {
        for (var i = 0; i < patterns.Count; i++)
        {
            if (patterns[i].IsMatch(resource))
                return !isComplement;
        }

        return isComplement;
    }
}
