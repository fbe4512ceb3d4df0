using Weir.Model;
using Weir.Protocol;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>What the two retention operations share: one set of checks, read in two directions (spec section 7.11).</summary>
internal static class RetentionChange
{
    public static async ValueTask<KinesisError?> RunAsync(OperationContext context, string? streamName, string? streamArn, int hours, bool increase)
    {
        if (context.Find(streamName, streamArn, out var stream) is { } missing)
            return missing;
        var row = stream.Current.Row;
        if (row.Status != StreamStatus.Active)
            return OperationContext.NotActive(stream);
        if (hours < KinesisLimits.MinRetentionHours)
            return KinesisErrors.RetentionTooShort(hours);
        if (hours > KinesisLimits.MaxRetentionHours)
            return KinesisErrors.RetentionTooLong(hours);
        if (increase && hours < row.RetentionHours)
            return KinesisErrors.RetentionIncreaseIsShorter(hours, row.RetentionHours, stream.Name);
        if (!increase && hours > row.RetentionHours)
            return KinesisErrors.RetentionDecreaseIsLonger(hours, row.RetentionHours, stream.Name);
        return await context.Engine.Settings.SetRetentionAsync(stream, hours).ConfigureAwait(false) == SettingOutcome.Changed
            ? null
            : OperationContext.NotActive(stream);
    }
}
