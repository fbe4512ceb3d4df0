using Weir.Model;

namespace Weir.Protocol;

// Retention. Spec section 7.11.
public static partial class KinesisErrors
{
    /// <summary>Below a day. Spec section 7.11, check 2.</summary>
    public static KinesisError RetentionTooShort(int hours) => InvalidArgument(
        $"Minimum allowed retention period is {KinesisLimits.MinRetentionHours} hours. Requested retention period ({hours} hours) is too short.");

    /// <summary>Above a year. Spec section 7.11, check 3.</summary>
    public static KinesisError RetentionTooLong(int hours) => InvalidArgument(
        $"Maximum allowed retention period is {KinesisLimits.MaxRetentionHours} hours. Requested retention period ({hours} hours) is too long.");

    /// <summary>Increase to less than the present period. Spec section 7.11, check 4.</summary>
    public static KinesisError RetentionIncreaseIsShorter(int hours, int present, StreamName stream) => InvalidArgument(
        $"Requested retention period ({hours} hours) for stream {stream.Name} can not be shorter than existing retention period ({present} hours). Use DecreaseRetentionPeriod API.");

    /// <summary>Decrease to more than the present period. Spec section 7.11, check 4.</summary>
    public static KinesisError RetentionDecreaseIsLonger(int hours, int present, StreamName stream) => InvalidArgument(
        $"Requested retention period ({hours} hours) for stream {stream.Name} can not be longer than existing retention period ({present} hours). Use IncreaseRetentionPeriod API.");
}
