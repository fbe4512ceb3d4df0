using Weir.Model;
using Weir.Protocol.Wire;

namespace Weir.Server.Operations;

/// <summary>What a request is about, as far as its members say. What is named need not exist.</summary>
/// <param name="Stream">The stream; null for operations without one, and when the request names none or names it wrongly.</param>
/// <param name="Consumer">The consumer, for operations that name one by its ARN.</param>
/// <param name="Shard">The shard, for reads that name one.</param>
/// <remarks>Authorization, rates, faults and metrics go by it, so that each operation says once what it addresses.</remarks>
internal readonly record struct RequestTarget(StreamName? Stream, ConsumerArn? Consumer = null, ShardId? Shard = null)
{
    private const string StreamNameMember = "StreamName";
    private const string ShardMember = "ShardId";

    // A request has at most one of them beside StreamName.
    private static readonly string[] ArnMembers = ["StreamARN", "ConsumerARN", "ResourceARN"];

    /// <summary>No stream at all.</summary>
    public static RequestTarget None => default;

    /// <summary>Reads the target out of a request that was checked against the model.</summary>
    public static RequestTarget Of(OperationContext context, WireValue input)
    {
        ShardId? shard = input.GetString(ShardMember) is { } text && ShardId.TryNormalize(text, out var id) ? id : null;
        foreach (var member in ArnMembers)
        {
            if (input.GetString(member) is not { } arn)
                continue;
            if (ConsumerArn.TryParse(arn, out var consumer))
                return new RequestTarget(consumer.Stream, consumer, shard);
            if (StreamName.TryParseArn(arn, out var stream))
                return new RequestTarget(stream, Consumer: null, shard);
        }

        return new RequestTarget(
            input.GetString(StreamNameMember) is { } name ? new StreamName(context.Account, context.Region, name) : null, Consumer: null, shard);
    }

    /// <summary>The target of a request that names a stream and nothing more.</summary>
    public static RequestTarget OfStream(OperationContext context, string? name, string? arn) =>
        arn is not null ? new RequestTarget(StreamName.TryParseArn(arn, out var stream) ? stream : null)
        : new RequestTarget(name is null ? null : new StreamName(context.Account, context.Region, name));
}
