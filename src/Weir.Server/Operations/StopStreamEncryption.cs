using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams.Encryption;

namespace Weir.Server.Operations;

/// <summary>StopStreamEncryption (spec section 7.7). Errors: ResourceNotFound, InvalidArgument, ResourceInUse, LimitExceeded.</summary>
/// <remarks>On a stream that is not encrypted nothing happens, and nothing is counted. The key is not needed: old records keep theirs.</remarks>
internal static class StopStreamEncryption
{
    public static async ValueTask<OperationResult<StopStreamEncryptionResponse>> RunAsync(OperationContext context, StopStreamEncryptionRequest request)
    {
        if (context.Find(request.StreamName, request.StreamARN, out var stream) is { } missing)
            return missing;
        if (request.EncryptionType != EncryptionTypes.Kms)
            return KinesisErrors.EncryptionTypeNotKms;
        var result = await context.Engine.Encryption.StopAsync(stream, request.KeyId!).ConfigureAwait(false);
        return result.Outcome switch
        {
            EncryptionOutcome.Changed or EncryptionOutcome.Unchanged => new StopStreamEncryptionResponse(),
            EncryptionOutcome.NotActive => OperationContext.NotActive(stream),
            EncryptionOutcome.TooOften => KinesisErrors.EncryptionChangedTooOften(stream.Name),
            EncryptionOutcome.OtherKey => KinesisErrors.EncryptedWithOtherKey(stream.Name, request.KeyId!),
            _ => throw new System.Diagnostics.UnreachableException($"Outcome {result.Outcome} of StopStreamEncryption."),
        };
    }
}
