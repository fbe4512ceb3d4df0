using Weir.Model;
using Weir.Protocol;
using Weir.Streams;

namespace Weir.Server.Operations;

/// <summary>What an operation knows beside its request: the engine, and for whom and in which region it works.</summary>
internal sealed record OperationContext(StreamEngine Engine, string Account, string Region)
{
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

    /// <summary>Finds the stream that a ResourceARN names, in whatever status.</summary>
    /// <remarks>Streams are the only resources here: the ARN of a consumer or a channel names nothing.</remarks>
    /// <returns>Null, or why there is none.</returns>
    public KinesisError? FindResource(string arn, out DataStream stream)
    {
        stream = null!;
        if (!StreamName.TryParseArn(arn, out var name))
            return KinesisErrors.ResourceNotFound(arn);
        if (name.Region != Region)
            return KinesisErrors.ResourceArnOfOtherRegion(arn, Region);
        stream = Engine.Streams.Find(name)!;
        return stream is null ? KinesisErrors.StreamNotFound(name) : null;
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
