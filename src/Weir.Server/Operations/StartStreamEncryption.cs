using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams.Encryption;

namespace Weir.Server.Operations;

/// <summary>
/// StartStreamEncryption (spec section 7.7). Errors: ResourceNotFound, InvalidArgument, ResourceInUse, LimitExceeded, KMS (six of them).
/// </summary>
/// <remarks>With another key than the present one it re-keys. With the present one nothing happens, and nothing is counted.</remarks>
internal static class StartStreamEncryption
{
    public static async ValueTask<OperationResult<StartStreamEncryptionResponse>> RunAsync(OperationContext context, StartStreamEncryptionRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        if (request.EncryptionType != EncryptionTypes.Kms)
            return KinesisErrors.EncryptionTypeNotKms;
        var result = await context.Engine.Encryption.StartAsync(stream, request.KeyId!).ConfigureAwait(false);
        return result.Outcome switch
        {
            EncryptionOutcome.Changed or EncryptionOutcome.Unchanged => new StartStreamEncryptionResponse(),
            EncryptionOutcome.NotActive => OperationContext.NotActive(stream),
            EncryptionOutcome.TooOften => KinesisErrors.EncryptionChangedTooOften(stream.Name),
            EncryptionOutcome.KeyRefused => KeyRefusal.OfWriting(result.KeyState, context, stream)!,
            _ => throw new System.Diagnostics.UnreachableException($"Outcome {result.Outcome} of StartStreamEncryption."),
        };
    }
}
