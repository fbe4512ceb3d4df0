using Weir.Protocol;

namespace Weir.Client;

/// <summary>A request did not succeed. The sealed kinds below it are the ones that callers tell apart; for the rest see <see cref="Code"/>.</summary>
/// <remarks>Thrown after the client's own retries. Each one is a new object.</remarks>
public class KinesisException : Exception
{
    internal KinesisException(KinesisFailure failure, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Failure = failure;
    }

    /// <summary>The error's short name, for example <c>ResourceInUseException</c>.</summary>
    public string Code => Failure.Code;

    /// <summary>The HTTP status, or null when no answer came.</summary>
    public int? StatusCode => Failure.StatusCode;

    /// <summary>The id that the server gave the request, or null when it gave none.</summary>
    public string? RequestId => Failure.RequestId;

    /// <summary>What was asked for, or null when the client failed before a request.</summary>
    public KinesisOperation? Operation => Failure.Operation;

    /// <summary>Whether the same request may succeed later. The client has used up its attempts or its retry budget then.</summary>
    public bool IsRetryable => Failure.IsRetryable;

    internal KinesisFailure Failure { get; }
}

/// <summary>The facts that every failure has.</summary>
/// <param name="Code">The error's short name.</param>
/// <param name="StatusCode">The HTTP status, if there was an answer.</param>
/// <param name="RequestId">The server's id of the request.</param>
/// <param name="Operation">What was asked for.</param>
/// <param name="IsRetryable">Whether trying again makes sense.</param>
internal sealed record KinesisFailure(
    string Code,
    int? StatusCode = null,
    string? RequestId = null,
    KinesisOperation? Operation = null,
    bool IsRetryable = false)
{
    /// <summary>The server's clock according to its answer: from it the client's clock is corrected.</summary>
    public DateTimeOffset? ServerTime { get; init; }
}
