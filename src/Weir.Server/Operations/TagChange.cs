using Weir.Model;
using Weir.Protocol;
using Weir.Streams;
using Weir.Streams.Consumers;

namespace Weir.Server.Operations;

/// <summary>What the operations that change tags share: the checks of spec section 7.8 in their order, then the change.</summary>
/// <remarks>The status comes last: what can never succeed is told first.</remarks>
internal static class TagChange
{
    private const string ReservedPrefix = "aws:";

    private static readonly Dictionary<string, string> NoTags = [];

    /// <summary>Checks tags and adds them to a stream, or to a consumer of it.</summary>
    public static async ValueTask<KinesisError?> AddAsync(
        OperationContext context, DataStream stream, StreamConsumer? consumer, IReadOnlyDictionary<string, string> tags)
    {
        if (CheckToAdd(stream.Name, tags, consumer?.Tags ?? stream.Current.Tags) is { } wrong)
            return wrong;
        var outcome = consumer is null
            ? await context.Engine.Tagging.AddAsync(stream, tags).ConfigureAwait(false)
            : await context.Engine.Consumers.ChangeTagsAsync(stream, consumer, tags, []).ConfigureAwait(false);
        return Refusal(outcome, stream, consumer);
    }

    /// <summary>Checks keys and removes them from a stream, or from a consumer of it.</summary>
    public static async ValueTask<KinesisError?> RemoveAsync(
        OperationContext context, DataStream stream, StreamConsumer? consumer, IReadOnlyList<string> keys)
    {
        if (keys.Any(HasInvalidCharacter))
            return KinesisErrors.TagCharactersInvalid;
        if (keys.Any(IsIllegal))
            return KinesisErrors.TagsToRemoveIllegal(stream.Name);
        if (Reserved(keys) is { } reserved)
            return reserved;
        var outcome = consumer is null
            ? await context.Engine.Tagging.RemoveAsync(stream, keys).ConfigureAwait(false)
            : await context.Engine.Consumers.ChangeTagsAsync(stream, consumer, NoTags, keys).ConfigureAwait(false);
        return Refusal(outcome, stream, consumer);
    }

    /// <summary>Whether a stream that has <paramref name="present"/> may be given <paramref name="tags"/>.</summary>
    public static KinesisError? CheckToAdd(StreamName stream, IReadOnlyDictionary<string, string> tags, StreamTags present)
    {
        if (tags.Any(tag => HasInvalidCharacter(tag.Key) || HasInvalidCharacter(tag.Value)))
            return KinesisErrors.TagCharactersInvalid;
        if (tags.Any(tag => IsIllegal(tag.Key) || IsIllegal(tag.Value)))
            return KinesisErrors.TagsToAddIllegal(stream);
        if (present.With(tags).Count > KinesisLimits.MaxTags)
            return KinesisErrors.TooManyTags(stream);
        return Reserved(tags.Keys);
    }

    private static KinesisError? Refusal(TagOutcome outcome, DataStream stream, StreamConsumer? consumer) => outcome switch
    {
        TagOutcome.Changed => null,
        TagOutcome.TooMany => KinesisErrors.TooManyTags(stream.Name),
        TagOutcome.NotActive when consumer is not null => KinesisErrors.ConsumerNotActive(consumer.Arn),
        TagOutcome.NotActive => OperationContext.NotActive(stream),
        _ => throw new System.Diagnostics.UnreachableException($"Outcome {outcome} of a change of tags."),
    };

    private static KinesisError? Reserved(IEnumerable<string> keys) =>
        keys.FirstOrDefault(key => key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase)) is { } key ? KinesisErrors.TagKeyReserved(key) : null;

    private static bool HasInvalidCharacter(string text) => text.Any(character => !IsValid(character));

    // As recorded on production, and the colon, which the documentation has added since.
    private static bool IsValid(char character) =>
        char.IsAsciiLetterOrDigit(character)
        || "_ ./=+-%@:".Contains(character, StringComparison.Ordinal)
        || character is (>= '\u00C0' and <= '\u1FFF') or (>= '\u2C00' and <= '\uD7FF');

    // The per cent sign passes the first check of the service and fails a second one.
    private static bool IsIllegal(string text) => text.Contains('%', StringComparison.Ordinal);
}
