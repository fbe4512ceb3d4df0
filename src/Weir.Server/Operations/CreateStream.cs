using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;
using Weir.Streams.OnDemand;

namespace Weir.Server.Operations;

/// <summary>CreateStream (spec section 7.1). Errors: ResourceInUse, LimitExceeded, InvalidArgument, Validation.</summary>
/// <remarks>Neither a mode nor a shard count makes an on-demand stream; a count alone makes a provisioned one.</remarks>
internal static class CreateStream
{
    public static async ValueTask<OperationResult<CreateStreamResponse>> RunAsync(OperationContext context, CreateStreamRequest request)
    {
        var name = new StreamName(context.Account, context.Region, request.StreamName!);
        if (request.Tags is not null && TagChange.CheckToAdd(name, request.Tags, StreamTags.None) is { } wrongTags)
            return wrongTags;
        if (context.Engine.Streams.Find(name) is not null)
            return KinesisErrors.StreamExists(name);
        var mode = ModeOf(request);
        if ((CheckMode(request, mode) ?? CheckOnDemandMembers(context, request, mode, name)) is { } wrongMode)
            return wrongMode;
        var warm = request.WarmThroughputMiBps ?? 0;
        var stream = new NewStream(name, mode == StreamMode.OnDemand ? CapacitySettings.ShardsOf(warm) : request.ShardCount!.Value)
        {
            MaxRecordKib = request.MaxRecordSizeInKiB ?? KinesisLimits.MinMaxRecordSizeInKiB,
            Mode = mode,
            Distribution = StreamMessage.DistributionOf(request.RecordDistributionStrategy),
            WarmMibps = warm,
            Tags = request.Tags is null ? StreamTags.None : StreamTags.None.With(request.Tags),
        };
        return await context.Engine.Lifecycle.CreateAsync(stream, CancellationToken.None).ConfigureAwait(false) switch
        {
            CreateOutcome.Created => new CreateStreamResponse(),
            CreateOutcome.AlreadyExists => KinesisErrors.StreamExists(name),
            CreateOutcome.TooManyCreating => KinesisErrors.TooManyStreamsCreating,
            CreateOutcome.ShardLimit => KinesisErrors.ShardLimitExceeded(
                name, context.Engine.OpenShards(name.Account, name.Region), KinesisLimits.MaxShardsPerAccount, stream.Shards),
            CreateOutcome.TooManyOnDemand => KinesisErrors.OnDemandStreamLimitExceeded(name.Account, KinesisLimits.MaxOnDemandStreams),
            var outcome => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of CreateStream."),
        };
    }

    private static StreamMode ModeOf(CreateStreamRequest request) => request.StreamModeDetails?.StreamMode switch
    {
        null => request.ShardCount is null ? StreamMode.OnDemand : StreamMode.Provisioned,
        StreamModes.OnDemand => StreamMode.OnDemand,
        _ => StreamMode.Provisioned,
    };

    private static KinesisError? CheckMode(CreateStreamRequest request, StreamMode mode) => mode switch
    {
        StreamMode.Provisioned when request.ShardCount is null => KinesisErrors.ShardCountMissing,
        StreamMode.OnDemand when request.ShardCount is not null => KinesisErrors.ShardCountNotExpected,
        _ => null,
    };

    // No warm throughput at all is what a zero says too.
    private static KinesisError? CheckOnDemandMembers(OperationContext context, CreateStreamRequest request, StreamMode mode, StreamName name)
    {
        var warm = request.WarmThroughputMiBps ?? 0;
        if (mode == StreamMode.Provisioned && warm > 0)
            return KinesisErrors.WarmThroughputNotExpected;
        if (mode == StreamMode.Provisioned && request.RecordDistributionStrategy == RecordDistributionStrategies.Auto)
            return KinesisErrors.AutoDistributionNotExpected;
        if (warm > 0 && !context.Engine.Capacity.AllowsWarmThroughput(name))
            return KinesisErrors.WarmThroughputNotCommitted(name.Account);
        return warm > KinesisLimits.MaxWarmThroughputMibps ? KinesisErrors.WarmThroughputTooHigh(warm) : null;
    }
}
