namespace Weir.Server.Security.Policies;

/// <summary>What one condition is asked about: the request, and the account of the resource that is in question.</summary>
internal readonly record struct ConditionFacts(AccessFacts Access, string ResourceAccount);
