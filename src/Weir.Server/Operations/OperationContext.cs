using Weir.Model;
using Weir.Protocol;
using Weir.Server.Security.Policies;
using Weir.Streams;
using Weir.Streams.Consumers;

namespace Weir.Server.Operations;

/// <summary>What an operation knows beside its request: the engine, and for whom and in which region it works.</summary>
/// <param name="Engine">The streams.</param>
/// <param name="Account">The caller's account: names of streams are names in it.</param>
/// <param name="Region">The region that the request was signed for.</param>
internal sealed record OperationContext(StreamEngine Engine, string Account, string Region)
{
    /// <summary>What policies are asked about the caller; null where nobody asks, on a server without credentials.</summary>
    public AccessFacts? Access { get; init; }

    /// <summary>Now, in milliseconds.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Engine.Time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>The name that a request addresses by StreamName, StreamARN or both (spec section 2.7).</summary>
    /// <returns>Null and the error when the address is wrong.</returns>
    public KinesisError? Address(string? name, string? arn, out StreamName address)
    {
        address = name is null ? default : new StreamName(Account, Region, name);
        if (arn is null)
            return name is null ? KinesisErrors.StreamNotNamed : null;
        if (!StreamName.TryParseArn(arn, out var byArn) || byArn.Region != Region)
            return KinesisErrors.StreamArnOfOtherRegion(arn, Region);
        if (name is not null && byArn != address)
            return KinesisErrors.StreamNamesDisagree(arn, name);
        address = byArn;
        return null;
    }

    /// <summary>Finds the stream that a request addresses, in whatever status.</summary>
    /// <returns>Null, or why there is none.</returns>
    public KinesisError? Find(string? name, string? arn, out DataStream stream)
    {
        stream = null!;
        if (Address(name, arn, out var address) is { } error)
            return error;
        stream = Engine.Streams.Find(address)!;
        return stream is null ? KinesisErrors.StreamNotFound(address) : null;
    }

    /// <summary>Finds the stream that a request addresses, for an operation that only provisioned streams allow.</summary>
    /// <returns>Null, or why there is none.</returns>
    public KinesisError? FindProvisioned(string? name, string? arn, out DataStream stream)
    {
        if (Find(name, arn, out stream) is { } error)
            return error;
        return stream.Current.Row.Mode == StreamMode.OnDemand ? KinesisErrors.StreamIsOnDemand(stream.Name) : null;
    }

    /// <summary>Finds the consumer that a request names by its ARN, by its stream and name, or by both (spec section 7.6), in whatever status.</summary>
    /// <returns>Null, or why there is none.</returns>
    public KinesisError? FindConsumer(string? streamArn, string? name, string? arn, out DataStream stream, out StreamConsumer consumer)
    {
        (stream, consumer) = (null!, null!);
        if (arn is null)
        {
            if (streamArn is null || name is null)
                return KinesisErrors.ConsumerNotNamed;
            if (Find(name: null, streamArn, out stream) is { } noStream)
                return noStream;
            consumer = stream.Current.Consumers.Find(name)!;
            return consumer is null ? KinesisErrors.ConsumerNotFound(name, stream.Name.Account) : null;
        }

        if (!ConsumerArn.TryParse(arn, out var parsed) || parsed.Stream.Region != Region)
            return KinesisErrors.ConsumerArnOfOtherRegion(arn, Region);
        if ((streamArn is not null && streamArn != parsed.Stream.Arn) || (name is not null && name != parsed.Name))
            return KinesisErrors.ConsumerNamesDisagree(arn);
        return FindConsumer(parsed, out stream, out consumer);
    }

    /// <summary>Finds the stream or the consumer that a ResourceARN names, in whatever status.</summary>
    /// <param name="arn">The ARN; one of a channel names nothing here.</param>
    /// <param name="stream">The stream, also of a consumer.</param>
    /// <param name="consumer">The consumer, or null when the ARN is a stream's.</param>
    /// <returns>Null, or why there is none.</returns>
    public KinesisError? FindResource(string arn, out DataStream stream, out StreamConsumer? consumer)
    {
        (stream, consumer) = (null!, null);
        var ofConsumer = ConsumerArn.TryParse(arn, out var consumerArn);
        if (!ofConsumer && !StreamName.TryParseArn(arn, out _))
            return KinesisErrors.ResourceNotFound(arn);
        StreamName.TryParseArn(arn, out var name);
        if ((ofConsumer ? consumerArn.Stream : name).Region != Region)
            return KinesisErrors.ResourceArnOfOtherRegion(arn, Region);
        if (ofConsumer)
            return FindConsumer(consumerArn, out stream, out consumer);
        stream = Engine.Streams.Find(name)!;
        return stream is null ? KinesisErrors.StreamNotFound(name) : null;
    }

    private KinesisError? FindConsumer(ConsumerArn arn, out DataStream stream, out StreamConsumer consumer)
    {
        consumer = null!;
        stream = Engine.Streams.Find(arn.Stream)!;
        if (stream is null)
            return KinesisErrors.StreamNotFound(arn.Stream);
        consumer = stream.Current.Consumers.Find(arn)!;
        return consumer is null ? KinesisErrors.ConsumerNotFound(arn.Name, arn.Stream.Account) : null;
    }

    /// <summary>The refusal of an operation that wants an ACTIVE stream.</summary>
    public static KinesisError NotActive(DataStream stream) =>
        KinesisErrors.StreamNotActive(stream.Name, StatusText(stream.Current.Row.Status));

    /// <summary>A status as the API spells it.</summary>
    public static string StatusText(StreamStatus status) => status switch
    {
        StreamStatus.Creating => Protocol.Messages.StreamStatuses.Creating,
        StreamStatus.Active => Protocol.Messages.StreamStatuses.Active,
        StreamStatus.Updating => Protocol.Messages.StreamStatuses.Updating,
        _ => Protocol.Messages.StreamStatuses.Deleting,
    };
}
