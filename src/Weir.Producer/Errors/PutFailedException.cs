namespace Weir.Producer;

/// <summary>Why a record is not stored, as far as the producer knows.</summary>
public enum PutFailureReason
{
    /// <summary>The record's time to live was over before an attempt succeeded.</summary>
    Expired = 0,

    /// <summary>The service refused it for good: no such stream, no right to put, a request that it does not take.</summary>
    Refused = 1,

    /// <summary>The producer's credit was used up, and its policy is not to wait. The record was never accepted.</summary>
    Full = 2,

    /// <summary>The producer was closed before the record got through.</summary>
    Stopped = 3,

    /// <summary>The record was given up by <see cref="FullPolicy.Drop"/>. Only callbacks see this; a put says it in its result.</summary>
    Dropped = 4,
}

/// <summary>A record was not stored, or nobody knows: an attempt without an answer may have stored it.</summary>
/// <remarks>Each one is a new object. The message never holds the record or its key.</remarks>
public sealed class PutFailedException : Exception
{
    internal PutFailedException(
        PutFailureReason reason, string stream, string partitionKey, IReadOnlyList<PutAttempt> attempts, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Reason = reason;
        StreamName = stream;
        PartitionKey = partitionKey;
        Attempts = attempts;
    }

    /// <summary>Why.</summary>
    public PutFailureReason Reason { get; }

    /// <summary>The stream.</summary>
    public string StreamName { get; }

    /// <summary>The record's partition key.</summary>
    public string PartitionKey { get; }

    /// <summary>Each time that it was sent, and why that did not succeed.</summary>
    public IReadOnlyList<PutAttempt> Attempts { get; }

    /// <summary>The last attempt's error, or null when there was none.</summary>
    public string? ErrorCode => Attempts.Count == 0 ? null : Attempts[^1].ErrorCode;
}
