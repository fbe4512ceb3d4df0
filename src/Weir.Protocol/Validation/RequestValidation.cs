using Weir.Protocol.Wire;

namespace Weir.Protocol.Validation;

/// <summary>Checks a request against the service model, for every operation and with the service's own texts.</summary>
/// <remarks>Thread-safe; it reads the model and keeps no state.</remarks>
public static class RequestValidation
{
    /// <summary>
    /// Checks the types of all members, then their constraints: steps 10 and 11 of spec section 2.5. What only the operation can
    /// know is not checked here.
    /// </summary>
    /// <param name="operation">The operation, from <see cref="KinesisOperation.Shape"/>.</param>
    /// <param name="input">The request's map.</param>
    /// <returns>Null when the request is well; else a SerializationException or a ValidationException.</returns>
    public static KinesisError? Check(OperationShape operation, WireValue input) =>
        TypeCheck.Check(operation.Input, input) is { } text
            ? new KinesisError(ErrorCodes.Serialization, text, MessageIsCapital: true)
            : ConstraintCheck.Check(operation.Input, input);
}
