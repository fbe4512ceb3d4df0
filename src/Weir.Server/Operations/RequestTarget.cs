using Weir.Model;
using Weir.Protocol.Wire;
using Weir.Streams.Listing;

namespace Weir.Server.Operations;

/// <summary>What a request is about, as far as its members say. What is named need not exist.</summary>
/// <param name="Stream">The stream; null for operations without one, and when the request names none or names it wrongly.</param>
/// <param name="Consumer">The consumer, for operations that name one.</param>
/// <param name="Shard">The shard, for reads that name one.</param>
/// <remarks>Authorization, rates, faults and metrics go by it, so that each operation says once what it addresses.</remarks>
internal readonly record struct RequestTarget(StreamName? Stream, ConsumerArn? Consumer = null, ShardId? Shard = null)
{
    private const string StreamNameMember = "StreamName";
    private const string ConsumerNameMember = "ConsumerName";
    private const string ShardMember = "ShardId";
    private const string NextTokenMember = "NextToken";
    private const string TagsMember = "Tags";

    // The consumer's first: where a request also has its stream's, the consumer is what it is about.
    private static readonly string[] ArnMembers = ["ConsumerARN", "StreamARN", "ResourceARN"];

    /// <summary>No stream at all.</summary>
    public static RequestTarget None => default;

    /// <summary>Whether the request gives tags to what it is about.</summary>
    public bool SetsTags { get; init; }

    /// <summary>Reads the target out of a request that was checked against the model.</summary>
    public static RequestTarget Of(OperationContext context, WireValue input)
    {
        var (stream, consumer) = Named(context, input);
        return new RequestTarget(
            stream, consumer, input.GetString(ShardMember) is { } text && ShardId.TryNormalize(text, out var shard) ? shard : null)
        {
            SetsTags = input.Member(TagsMember) is not null,
        };
    }

    /// <summary>The target of a request that names a stream and nothing more.</summary>
    public static RequestTarget OfStream(OperationContext context, string? name, string? arn) =>
        arn is not null ? new RequestTarget(StreamName.TryParseArn(arn, out var stream) ? stream : null)
        : new RequestTarget(name is null ? null : new StreamName(context.Account, context.Region, name));

    private static (StreamName? Stream, ConsumerArn? Consumer) Named(OperationContext context, WireValue input)
    {
        foreach (var member in ArnMembers)
        {
            if (input.GetString(member) is not { } arn)
                continue;
            if (ConsumerArn.TryParse(arn, out var consumer))
                return (consumer.Stream, consumer);
            if (StreamName.TryParseArn(arn, out var stream))
                return (stream, input.GetString(ConsumerNameMember) is { } consumerName ? ConsumerOf(context, stream, consumerName) : null);
        }

        if (input.GetString(StreamNameMember) is { } name)
            return (new StreamName(context.Account, context.Region, name), null);
        // The later pages of ListShards name their stream by the token alone.
        return (input.GetString(NextTokenMember) is { } token ? ShardListingToken.Open(context.Engine.Tokens, token)?.Stream : null, null);
    }

    // One that is not there has the ARN that it would have if it were registered now.
    private static ConsumerArn ConsumerOf(OperationContext context, StreamName stream, string name) =>
        context.Engine.Streams.Find(stream)?.Current.Consumers.Find(name)?.Arn ?? new ConsumerArn(stream, name, context.Now.ToUnixTimeSeconds());
}
