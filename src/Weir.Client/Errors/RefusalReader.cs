using System.Globalization;
using Weir.Protocol;
using Weir.Protocol.Wire;

namespace Weir.Client;

/// <summary>Turns an answer other than 200 into the exception that says the same.</summary>
internal static class RefusalReader
{
    /// <param name="codec">The encoding that the body is probably in.</param>
    /// <param name="operation">What was asked for.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="errorType">The header <c>x-amzn-ErrorType</c>, which some servers send instead of a type in the body.</param>
    /// <param name="requestId">The server's id of the request.</param>
    /// <param name="serverTime">The answer's date.</param>
    /// <param name="body">The answer's body, of whatever kind.</param>
    public static KinesisException Read(
        WireCodec codec, KinesisOperation operation, int status, string? errorType, string? requestId, DateTimeOffset? serverTime, ReadOnlySpan<byte> body)
    {
        var map = codec.TryReadAnswer(body, out var value) ? value : WireValue.EmptyMap;
        var error = KinesisError.Read(status, map);
        if (map.GetString("__type") is null && !string.IsNullOrEmpty(errorType))
            error = KinesisError.Read(status, Named(errorType, error.Message));
        var failure = new KinesisFailure(
            error.Code, status, requestId, operation, Retries.RetryPolicy.IsRetryable(operation, status, error.Code, error.Message))
        {
            ServerTime = serverTime,
        };
        return Typed(failure, error.Message ?? string.Create(
            CultureInfo.InvariantCulture, $"{operation} was answered with {error.Code} (HTTP {status}) and no further text."));
    }

    /// <summary>The exception of a failure's kind.</summary>
    public static KinesisException Typed(KinesisFailure failure, string message) => failure.Code switch
    {
        ErrorCodes.ResourceNotFound => new KinesisResourceNotFoundException(failure, message),
        ErrorCodes.ResourceInUse => new KinesisResourceInUseException(failure, message),
        ErrorCodes.ProvisionedThroughputExceeded => new KinesisThroughputExceededException(failure, message),
        ErrorCodes.LimitExceeded => new KinesisLimitExceededException(failure, message),
        ErrorCodes.ExpiredIterator => new KinesisExpiredIteratorException(failure, message),
        ErrorCodes.AccessDenied or "UnrecognizedClientException" or "InvalidSignatureException" or "ExpiredTokenException"
            or "IncompleteSignatureException" or "MissingAuthenticationTokenException" => new KinesisAccessDeniedException(failure, message),
        _ => new KinesisException(failure, message),
    };

    private static WireValue Named(string type, string? message)
    {
        var map = new OrderedDictionary<string, WireValue>(StringComparer.Ordinal) { ["__type"] = WireValue.String(type) };
        if (message is not null)
            map["message"] = WireValue.String(message);
        return WireValue.Map(map);
    }
}
