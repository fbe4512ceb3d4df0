using Weir.Model;

namespace Weir.Protocol;

// Encryption and its keys. Spec section 7.7.
public static partial class KinesisErrors
{
    /// <summary>EncryptionType is NONE, which the model allows and the operations do not. Spec section 7.7; text ours.</summary>
    public static KinesisError EncryptionTypeNotKms { get; } = InvalidArgument($"EncryptionType must be KMS.");

    /// <summary>The encryption to stop is with another key. Spec section 7.7; text ours.</summary>
    public static KinesisError EncryptedWithOtherKey(StreamName stream, string keyId) =>
        InvalidArgument($"Stream {stream.Name} under account {stream.Account} is not encrypted with the key {keyId}.");

    /// <summary>The stream's encryption was changed too often of late. Spec section 7.7; text ours.</summary>
    public static KinesisError EncryptionChangedTooOften(StreamName stream) => LimitExceeded(
        $"Encryption has been started or stopped {KinesisLimits.MaxEncryptionChangesPerPeriod} times in a rolling 24 hour period for stream {stream.Name} under account {stream.Account}.");

    /// <summary>The caller may not use the key. Spec section 7.7, approximately as recorded.</summary>
    /// <param name="principal">Who asks, as an ARN.</param>
    /// <param name="action">What for: <c>encrypt</c> or <c>decrypt</c>.</param>
    /// <param name="stream">The stream.</param>
    public static KinesisError KmsAccessDenied(string principal, string action, StreamName stream) =>
        new(ErrorCodes.KmsAccessDenied, Text($"User {principal} is not authorized to {action} records in stream {stream.Name}"));

    /// <summary>The key is switched off. Text ours.</summary>
    public static KinesisError KmsDisabled(StreamName stream) =>
        new(ErrorCodes.KmsDisabled, Text($"The key of stream {stream.Name} under account {stream.Account} is disabled."));

    /// <summary>The key's state does not allow this. Text ours.</summary>
    public static KinesisError KmsInvalidState(StreamName stream) =>
        new(ErrorCodes.KmsInvalidState, Text($"The state of the key of stream {stream.Name} under account {stream.Account} is not valid for this request."));

    /// <summary>There is no such key. Text ours.</summary>
    public static KinesisError KmsNotFound(StreamName stream) =>
        new(ErrorCodes.KmsNotFound, Text($"The key of stream {stream.Name} under account {stream.Account} was not found."));

    /// <summary>The account has not subscribed to the key service. Text ours.</summary>
    public static KinesisError KmsOptInRequired(StreamName stream) =>
        new(ErrorCodes.KmsOptInRequired, Text($"Account {stream.Account} needs a subscription to the key service for stream {stream.Name}."));

    /// <summary>The key service gets too many requests. Text ours.</summary>
    public static KinesisError KmsThrottling(StreamName stream) =>
        new(ErrorCodes.KmsThrottling, Text($"Rate of requests to the key of stream {stream.Name} under account {stream.Account} exceeded."));
}
