using Weir.Protocol;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

namespace Weir.Server.Operations;

/// <summary>Runs one operation: null after a success whose bytes are in the call's output, else the refusal.</summary>
internal delegate ValueTask<KinesisError?> OperationHandler(OperationCall call);

/// <summary>Every operation that this server knows, one line each. The first place to touch when adding one.</summary>
internal static class OperationTable
{
    private static readonly Dictionary<KinesisOperation, OperationHandler> Handlers = new()
    {
        // Data operations read their own bytes: they are the hot path.
        [KinesisOperation.PutRecord] = PutRecord.RunAsync,
        [KinesisOperation.PutRecords] = PutRecords.RunAsync,
        [KinesisOperation.GetRecords] = GetRecords.RunAsync,
        [KinesisOperation.SubscribeToShard] = SubscribeToShard.RunAsync,

        [KinesisOperation.GetShardIterator] = Typed<GetShardIteratorRequest, GetShardIteratorResponse>(GetShardIterator.Run),
        [KinesisOperation.CreateStream] = Typed<CreateStreamRequest, CreateStreamResponse>(CreateStream.RunAsync),
        [KinesisOperation.DeleteStream] = Typed<DeleteStreamRequest, DeleteStreamResponse>(DeleteStream.RunAsync),
        [KinesisOperation.DescribeStream] = Typed<DescribeStreamRequest, DescribeStreamResponse>(DescribeStream.Run),
        [KinesisOperation.DescribeStreamSummary] = Typed<DescribeStreamSummaryRequest, DescribeStreamSummaryResponse>(DescribeStreamSummary.Run),
        [KinesisOperation.ListStreams] = Typed<ListStreamsRequest, ListStreamsResponse>(ListStreams.Run),
        [KinesisOperation.ListShards] = Typed<ListShardsRequest, ListShardsResponse>(ListShards.Run),
        [KinesisOperation.SplitShard] = Typed<SplitShardRequest, SplitShardResponse>(SplitShard.RunAsync),
        [KinesisOperation.MergeShards] = Typed<MergeShardsRequest, MergeShardsResponse>(MergeShards.RunAsync),
        [KinesisOperation.UpdateShardCount] = Typed<UpdateShardCountRequest, UpdateShardCountResponse>(UpdateShardCount.RunAsync),
        [KinesisOperation.UpdateMaxRecordSize] = Typed<UpdateMaxRecordSizeRequest, UpdateMaxRecordSizeResponse>(UpdateMaxRecordSize.RunAsync),
        [KinesisOperation.UpdateStreamMode] = Typed<UpdateStreamModeRequest, UpdateStreamModeResponse>(UpdateStreamMode.RunAsync),
        [KinesisOperation.UpdateStreamWarmThroughput] =
            Typed<UpdateStreamWarmThroughputRequest, UpdateStreamWarmThroughputResponse>(UpdateStreamWarmThroughput.RunAsync),
        [KinesisOperation.UpdateStreamRecordDistributionStrategy] =
            Typed<UpdateStreamRecordDistributionStrategyRequest, UpdateStreamRecordDistributionStrategyResponse>(UpdateStreamRecordDistributionStrategy.RunAsync),
        [KinesisOperation.DescribeAccountSettings] = Typed<DescribeAccountSettingsRequest, DescribeAccountSettingsResponse>(DescribeAccountSettings.Run),
        [KinesisOperation.UpdateAccountSettings] = Typed<UpdateAccountSettingsRequest, UpdateAccountSettingsResponse>(UpdateAccountSettings.RunAsync),
        [KinesisOperation.DescribeLimits] = Typed<DescribeLimitsRequest, DescribeLimitsResponse>(DescribeLimits.Run),
        [KinesisOperation.RegisterStreamConsumer] = Typed<RegisterStreamConsumerRequest, RegisterStreamConsumerResponse>(RegisterStreamConsumer.RunAsync),
        [KinesisOperation.DeregisterStreamConsumer] = Typed<DeregisterStreamConsumerRequest, DeregisterStreamConsumerResponse>(DeregisterStreamConsumer.RunAsync),
        [KinesisOperation.DescribeStreamConsumer] = Typed<DescribeStreamConsumerRequest, DescribeStreamConsumerResponse>(DescribeStreamConsumer.Run),
        [KinesisOperation.ListStreamConsumers] = Typed<ListStreamConsumersRequest, ListStreamConsumersResponse>(ListStreamConsumers.Run),
        [KinesisOperation.AddTagsToStream] = Typed<AddTagsToStreamRequest, AddTagsToStreamResponse>(AddTagsToStream.RunAsync),
        [KinesisOperation.RemoveTagsFromStream] = Typed<RemoveTagsFromStreamRequest, RemoveTagsFromStreamResponse>(RemoveTagsFromStream.RunAsync),
        [KinesisOperation.ListTagsForStream] = Typed<ListTagsForStreamRequest, ListTagsForStreamResponse>(ListTagsForStream.Run),
        [KinesisOperation.TagResource] = Typed<TagResourceRequest, TagResourceResponse>(TagResource.RunAsync),
        [KinesisOperation.UntagResource] = Typed<UntagResourceRequest, UntagResourceResponse>(UntagResource.RunAsync),
        [KinesisOperation.ListTagsForResource] = Typed<ListTagsForResourceRequest, ListTagsForResourceResponse>(ListTagsForResource.Run),
        [KinesisOperation.StartStreamEncryption] = Typed<StartStreamEncryptionRequest, StartStreamEncryptionResponse>(StartStreamEncryption.RunAsync),
        [KinesisOperation.StopStreamEncryption] = Typed<StopStreamEncryptionRequest, StopStreamEncryptionResponse>(StopStreamEncryption.RunAsync),
        [KinesisOperation.EnableEnhancedMonitoring] =
            Typed<EnableEnhancedMonitoringRequest, EnableEnhancedMonitoringResponse>(EnableEnhancedMonitoring.RunAsync),
        [KinesisOperation.DisableEnhancedMonitoring] =
            Typed<DisableEnhancedMonitoringRequest, DisableEnhancedMonitoringResponse>(DisableEnhancedMonitoring.RunAsync),
        [KinesisOperation.PutResourcePolicy] = Typed<PutResourcePolicyRequest, PutResourcePolicyResponse>(PutResourcePolicy.RunAsync),
        [KinesisOperation.GetResourcePolicy] = Typed<GetResourcePolicyRequest, GetResourcePolicyResponse>(GetResourcePolicy.Run),
        [KinesisOperation.DeleteResourcePolicy] = Typed<DeleteResourcePolicyRequest, DeleteResourcePolicyResponse>(DeleteResourcePolicy.RunAsync),
        [KinesisOperation.IncreaseStreamRetentionPeriod] =
            Typed<IncreaseStreamRetentionPeriodRequest, IncreaseStreamRetentionPeriodResponse>(IncreaseStreamRetentionPeriod.RunAsync),
        [KinesisOperation.DecreaseStreamRetentionPeriod] =
            Typed<DecreaseStreamRetentionPeriodRequest, DecreaseStreamRetentionPeriodResponse>(DecreaseStreamRetentionPeriod.RunAsync),

        // Known, examined and refused.
        [KinesisOperation.CreateChannel] = Channels.RefuseAsync,
        [KinesisOperation.DescribeChannel] = Channels.RefuseAsync,
        [KinesisOperation.UpdateChannel] = Channels.RefuseAsync,
        [KinesisOperation.DeleteChannel] = Channels.RefuseAsync,
        [KinesisOperation.ListChannels] = Channels.RefuseAsync,
    };

    /// <summary>The handler of an operation, or null when this server does not have it.</summary>
    public static OperationHandler? Find(KinesisOperation operation) => Handlers.GetValueOrDefault(operation);

    private static OperationHandler Typed<TRequest, TResponse>(
        Func<OperationContext, TRequest, ValueTask<OperationResult<TResponse>>> run)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse> => async call =>
    {
        if (call.Read(out var input) is { } invalid)
            return invalid;
        if (await call.AdmitAsync(RequestTarget.Of(call.Context, input)).ConfigureAwait(false) is { } refused)
            return refused;
        var result = await run(call.Context, TRequest.Read(input)).ConfigureAwait(false);
        // Operations without output answer with an empty body (spec section 2.3).
        if (result.Response is { } response && TRequest.Operation.Shape.Output is not null)
            response.Write(call.Codec.CreateWriter(call.Output));
        return result.Error;
    };

    private static OperationHandler Typed<TRequest, TResponse>(Func<OperationContext, TRequest, OperationResult<TResponse>> run)
        where TRequest : class, IKinesisRequest<TRequest, TResponse>
        where TResponse : class, IWireMessage<TResponse> =>
        Typed<TRequest, TResponse>((context, request) => ValueTask.FromResult(run(context, request)));
}
