namespace Weir.Producer;

/// <summary>One time that a record was sent.</summary>
/// <param name="Delay">How long the record had waited: since it was accepted, or since the attempt before. To the millisecond where it was stored.</param>
/// <param name="Duration">How long the request took.</param>
/// <param name="ErrorCode">
/// Why it did not succeed, by the service's or the client's short name, for example <c>ProvisionedThroughputExceededException</c>,
/// <c>TimedOut</c> or <see cref="WrongShard"/>. Null when the record was stored.
/// </param>
/// <param name="ErrorMessage">The same in words; null when the record was stored.</param>
public sealed record PutAttempt(TimeSpan Delay, TimeSpan Duration, string? ErrorCode, string? ErrorMessage)
{
    /// <summary>
    /// The error code of an aggregate that was stored in another shard than it was made for, after a split or merge: consumers pass over
    /// it there, so its records go again. The KPL's name for it is the same.
    /// </summary>
    public const string WrongShard = "Wrong Shard";

    /// <summary>Whether the record was stored.</summary>
    public bool Succeeded => ErrorCode is null;
}
