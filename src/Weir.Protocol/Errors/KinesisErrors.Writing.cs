using Weir.Model;
using Weir.Protocol.Validation;

namespace Weir.Protocol;

// PutRecord and PutRecords. Spec sections 5.3 and 7.3.
public static partial class KinesisErrors
{
    /// <summary>
    /// Data, or data and key together, pass the stream's record limit; of PutRecords the whole request fails. Spec section 5.3.
    /// </summary>
    /// <param name="entry">The entry's index in PutRecords from 0, or null for PutRecord.</param>
    /// <param name="limitBytes">The stream's limit.</param>
    public static KinesisError RecordTooLarge(int? entry, int limitBytes) =>
        ConstraintFailure("Value", entry, "data", ConstraintText.Max("length", limitBytes));

    /// <summary>
    /// The partition key is missing although the stream distributes records by it. Spec section 7.3, PutRecord check 2: the model
    /// does not require the member, so only the operation can tell.
    /// </summary>
    /// <param name="entry">The entry's index in PutRecords from 0, or null for PutRecord.</param>
    public static KinesisError PartitionKeyMissing(int? entry) =>
        ConstraintFailure("Value null", entry, "partitionKey", ConstraintText.NotNull);

    /// <summary>
    /// The explicit hash key passes 2^128 - 1, though its 39 digits satisfy the model. Spec section 7.3, PutRecord check 4.
    /// </summary>
    public static KinesisError ExplicitHashKeyOutOfRange(string value) => InvalidArgument(
        $"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {value}");

    /// <summary>SequenceNumberForOrdering is no sequence number, or of the future. Spec section 7.3, PutRecord check 5.</summary>
    public static KinesisError SequenceNumberForOrderingInvalid(string number, StreamName stream) => InvalidArgument(
        $"ExclusiveMinimumSequenceNumber {number} used in PutRecord on stream {stream.Name} under account {stream.Account} is invalid.");

    /// <summary>The entries of PutRecords pass 10 MiB together. Spec section 7.3; text ours, after the old one of 5 MB.</summary>
    public static KinesisError RecordsTooLarge { get; } = InvalidArgument($"Records size exceeds 10 MB limit");

    // In the form of the model's own constraints, as if the model knew of the stream.
    private static KinesisError ConstraintFailure(string subject, int? entry, string member, string constraint)
    {
        var path = entry is { } index ? Text($"records.{index + 1}.member.{member}") : member;
        return new KinesisError(
            ErrorCodes.Validation, ConstraintText.Message(ConstraintText.Failure(subject, path, constraint)));
    }
}
