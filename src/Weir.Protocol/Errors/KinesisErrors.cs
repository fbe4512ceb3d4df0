using System.Globalization;

namespace Weir.Protocol;

/// <summary>Every refusal that the service gives, its text once. The partial files go by topic.</summary>
/// <remarks>
/// The texts are Kinesis's own where somebody has recorded them, ours where the section says so; tests of clients compare them,
/// so not even a missing full stop is put right.
/// </remarks>
public static partial class KinesisErrors
{
    private static KinesisError InvalidArgument(FormattableString text) => new(ErrorCodes.InvalidArgument, Text(text));

    private static KinesisError NotFound(FormattableString text) => new(ErrorCodes.ResourceNotFound, Text(text));

    private static KinesisError InUse(FormattableString text) => new(ErrorCodes.ResourceInUse, Text(text));

    private static KinesisError LimitExceeded(FormattableString text) => new(ErrorCodes.LimitExceeded, Text(text));

    private static KinesisError Invalid(FormattableString text) => new(ErrorCodes.Validation, Text(text));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
