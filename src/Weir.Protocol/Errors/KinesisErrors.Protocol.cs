namespace Weir.Protocol;

// Before an operation is reached, and faults. Spec sections 2.5, 2.6 and 7.2.
public static partial class KinesisErrors
{
    /// <summary>The body is empty or not one well-formed map. Without a text. Spec section 2.5, steps 5 and 7.</summary>
    public static KinesisError NotParsable { get; } = new(ErrorCodes.Serialization, Message: null);

    /// <summary>The target names no operation of this service. Without a text. Spec section 2.5, steps 5 and 8.</summary>
    public static KinesisError UnknownOperation { get; } = new(ErrorCodes.UnknownOperation, Message: null);

    /// <summary>A fault of the server that nothing else describes. Without a text, status 500. Spec section 2.6.</summary>
    public static KinesisError InternalFailure { get; } = new(ErrorCodes.InternalFailure, Message: null, Status: 500);

    /// <summary>
    /// A fault that hit one entry of PutRecords; the others may have succeeded. Its code and text stand in the entry, so the
    /// status is not used. Spec section 7.3.
    /// </summary>
    public static KinesisError InternalFailureOfEntry { get; } = new(ErrorCodes.InternalFailure, "Internal service failure.", Status: 500);

    /// <summary>All checks passed and the request asked for no more. Spec section 7.2, DryRun; text ours.</summary>
    public static KinesisError DryRun { get; } =
        new(ErrorCodes.DryRunOperation, "Request would have succeeded, but DryRun flag is set.");
}
