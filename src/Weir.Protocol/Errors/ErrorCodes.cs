namespace Weir.Protocol;

/// <summary>Short names of the errors, as they stand in <c>__type</c> and in <c>ErrorCode</c> of a PutRecords entry.</summary>
public static class ErrorCodes
{
    /// <summary>The caller may not do this.</summary>
    public const string AccessDenied = "AccessDeniedException";

    /// <summary>The request was well and would have been carried out, but asked only to be checked.</summary>
    public const string DryRunOperation = "DryRunOperationException";

    /// <summary>The shard iterator is older than five minutes.</summary>
    public const string ExpiredIterator = "ExpiredIteratorException";

    /// <summary>The page token is older than five minutes.</summary>
    public const string ExpiredNextToken = "ExpiredNextTokenException";

    /// <summary>The temporary credentials are past their end.</summary>
    public const string ExpiredToken = "ExpiredTokenException";

    /// <summary>Parts of the signature are missing or cannot be read.</summary>
    public const string IncompleteSignature = "IncompleteSignatureException";

    /// <summary>A fault of the server, as the whole answer.</summary>
    public const string InternalFailure = "InternalFailure";

    /// <summary>A fault of the server inside an event stream.</summary>
    public const string InternalFailureException = "InternalFailureException";

    /// <summary>The argument is well formed but makes no sense here.</summary>
    public const string InvalidArgument = "InvalidArgumentException";

    /// <summary>The signature is not the one that belongs to the request, or not of this time.</summary>
    public const string InvalidSignature = "InvalidSignatureException";

    /// <summary>The caller may not use the stream's key.</summary>
    public const string KmsAccessDenied = "KMSAccessDeniedException";

    /// <summary>The stream's key is switched off.</summary>
    public const string KmsDisabled = "KMSDisabledException";

    /// <summary>The stream's key is in a state that does not allow this.</summary>
    public const string KmsInvalidState = "KMSInvalidStateException";

    /// <summary>There is no such key.</summary>
    public const string KmsNotFound = "KMSNotFoundException";

    /// <summary>The account has not subscribed to the key service.</summary>
    public const string KmsOptInRequired = "KMSOptInRequired";

    /// <summary>The key service gets more requests than it takes. Clients retry it.</summary>
    public const string KmsThrottling = "KMSThrottlingException";

    /// <summary>A control-plane rate or a count is at its limit.</summary>
    public const string LimitExceeded = "LimitExceededException";

    /// <summary>The request is not signed.</summary>
    public const string MissingAuthenticationToken = "MissingAuthenticationTokenException";

    /// <summary>A shard takes or gives no more at present. Clients retry it.</summary>
    public const string ProvisionedThroughputExceeded = "ProvisionedThroughputExceededException";

    /// <summary>The stream, shard or consumer is in a state that forbids this.</summary>
    public const string ResourceInUse = "ResourceInUseException";

    /// <summary>No such stream, shard or consumer.</summary>
    public const string ResourceNotFound = "ResourceNotFoundException";

    /// <summary>The body is not what the encoding or the model's types demand.</summary>
    public const string Serialization = "SerializationException";

    /// <summary>The target names no operation.</summary>
    public const string UnknownOperation = "UnknownOperationException";

    /// <summary>Nobody has this access key.</summary>
    public const string UnrecognizedClient = "UnrecognizedClientException";

    /// <summary>A member breaks a constraint of the model.</summary>
    public const string Validation = "ValidationException";
}
