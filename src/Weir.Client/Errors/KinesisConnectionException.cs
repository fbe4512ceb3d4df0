namespace Weir.Client;

/// <summary>Where the way to the server ended.</summary>
public enum KinesisConnectionFailure
{
    /// <summary>No connection came about: nothing was sent.</summary>
    Unreachable,

    /// <summary>The connection broke. The server may have carried the request out.</summary>
    Broken,

    /// <summary>No answer within <see cref="KinesisClientOptions.AttemptTimeout"/>. The server may have carried the request out.</summary>
    TimedOut,

    /// <summary>An answer that is none of Kinesis's: another program listens there.</summary>
    NotKinesis,
}

/// <summary>The server could not be reached, or answered nothing that makes sense.</summary>
public sealed class KinesisConnectionException : KinesisException
{
    internal KinesisConnectionException(
        KinesisFailure failure, KinesisConnectionFailure reason, Uri endpoint, string message, Exception? innerException = null)
        : base(failure, message, innerException)
    {
        Reason = reason;
        Endpoint = endpoint;
    }

    /// <summary>Where the way ended.</summary>
    public KinesisConnectionFailure Reason { get; }

    /// <summary>Where the request went.</summary>
    public Uri Endpoint { get; }
}
