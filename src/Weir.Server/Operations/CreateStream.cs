using Weir.Model;
using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>CreateStream (spec section 7.1). Errors: ResourceInUse, LimitExceeded, InvalidArgument, Validation.</summary>
/// <remarks>
/// Provisioned streams. A stream without a mode and shard count is on-demand on AWS and starts with four shards; here it gets the
/// four shards and is provisioned until on-demand scaling is there, so that no client sees a mode that does not act.
/// </remarks>
internal static class CreateStream
{
    public static async ValueTask<OperationResult<CreateStreamResponse>> RunAsync(OperationContext context, CreateStreamRequest request)
    {
        var name = new StreamName(context.Account, context.Region, request.StreamName!);
        if (request.Tags is not null && TagChange.CheckToAdd(name, request.Tags, StreamTags.None) is { } wrongTags)
            return wrongTags;
        if (context.Engine.Streams.Find(name) is not null)
            return KinesisErrors.StreamExists(name);
        if (Shards(request, out var shards) is { } wrongMode)
            return wrongMode;
        if (request.WarmThroughputMiBps is not null || request.RecordDistributionStrategy is not null)
            return KinesisErrors.NotSupported("WarmThroughputMiBps and RecordDistributionStrategy");
        var maxRecordKib = request.MaxRecordSizeInKiB ?? KinesisLimits.MinMaxRecordSizeInKiB;
        var tags = request.Tags is null ? StreamTags.None : StreamTags.None.With(request.Tags);
        var stream = new NewStream(name, shards) { MaxRecordKib = maxRecordKib, Tags = tags };
        return await context.Engine.Lifecycle.CreateAsync(stream, CancellationToken.None).ConfigureAwait(false) switch
        {
            CreateOutcome.Created => new CreateStreamResponse(),
            CreateOutcome.AlreadyExists => KinesisErrors.StreamExists(name),
            CreateOutcome.TooManyCreating => KinesisErrors.TooManyStreamsCreating,
            CreateOutcome.ShardLimit => KinesisErrors.ShardLimitExceeded(
                name, context.Engine.OpenShards(name.Account, name.Region), KinesisLimits.MaxShardsPerAccount, shards),
            var outcome => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of CreateStream."),
        };
    }

    private static KinesisError? Shards(CreateStreamRequest request, out int shards)
    {
        shards = request.ShardCount ?? KinesisLimits.OnDemandInitialShards;
        return request.StreamModeDetails?.StreamMode switch
        {
            StreamModes.Provisioned when request.ShardCount is null => KinesisErrors.ShardCountMissing,
            StreamModes.OnDemand when request.ShardCount is not null => KinesisErrors.ShardCountNotExpected,
            StreamModes.OnDemand => KinesisErrors.NotSupported("On-demand streams"),
            _ => null,
        };
    }
}
