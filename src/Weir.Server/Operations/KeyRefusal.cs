using Weir.Model;
using Weir.Protocol;
using Weir.Streams;
using Weir.Streams.Encryption;

namespace Weir.Server.Operations;

/// <summary>The six errors of a key that cannot be used (spec section 7.7).</summary>
internal static class KeyRefusal
{
    /// <summary>The operations that use a stream's key and can be told so in their answer.</summary>
    public static IReadOnlyList<KinesisOperation> Operations { get; } =
        [KinesisOperation.PutRecord, KinesisOperation.PutRecords, KinesisOperation.GetRecords, KinesisOperation.StartStreamEncryption];

    /// <summary>Why an operation cannot use the key of a stream; null when it can.</summary>
    public static KinesisError? Of(KeyState state, OperationContext context, KinesisOperation operation, StreamName stream) =>
        Of(state, context, operation == KinesisOperation.GetRecords ? "decrypt" : "encrypt", stream);

    /// <summary>Why records cannot be encrypted; null when they can.</summary>
    public static KinesisError? OfWriting(KeyState state, OperationContext context, DataStream stream) => Of(state, context, "encrypt", stream.Name);

    /// <summary>Why records cannot be decrypted; null when they can.</summary>
    public static KinesisError? OfReading(KeyState state, OperationContext context, StreamName stream) => Of(state, context, "decrypt", stream);

    private static KinesisError? Of(KeyState state, OperationContext context, string action, StreamName stream) => state switch
    {
        KeyState.Usable => null,
        KeyState.AccessDenied => KinesisErrors.KmsAccessDenied(context.Access?.Caller.Arn ?? $"arn:aws:iam::{context.Account}:root", action, stream),
        KeyState.Disabled => KinesisErrors.KmsDisabled(stream),
        KeyState.InvalidState => KinesisErrors.KmsInvalidState(stream),
        KeyState.NotFound => KinesisErrors.KmsNotFound(stream),
        KeyState.OptInRequired => KinesisErrors.KmsOptInRequired(stream),
        KeyState.Throttled => KinesisErrors.KmsThrottling(stream),
        _ => throw new System.Diagnostics.UnreachableException($"Key state {state}."),
    };
}
