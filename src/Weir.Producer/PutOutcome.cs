namespace Weir.Producer;

/// <summary>What became of one record of a batch.</summary>
/// <param name="Result">Where it is; when it failed, nowhere.</param>
/// <param name="Failure">Why it failed, or null.</param>
public readonly record struct PutOutcome(PutResult Result, PutFailedException? Failure)
{
    /// <summary>Whether the record is stored.</summary>
    public bool IsStored => Failure is null && Result.IsStored;
}
