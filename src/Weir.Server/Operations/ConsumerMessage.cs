using Weir.Protocol.Messages;
using Weir.Streams.Consumers;
using ConsumerStatus = Weir.Streams.Consumers.ConsumerStatus;

namespace Weir.Server.Operations;

/// <summary>A consumer as the API shows it.</summary>
internal static class ConsumerMessage
{
    /// <summary>In lists and after its registration.</summary>
    public static Consumer Of(StreamConsumer consumer) => new()
    {
        ConsumerName = consumer.Name,
        ConsumerARN = consumer.Arn.ToString(),
        ConsumerStatus = StatusText(consumer.Status),
        ConsumerCreationTimestamp = consumer.CreatedAt,
    };

    /// <summary>In its description, which names the stream too.</summary>
    public static ConsumerDescription DescriptionOf(StreamConsumer consumer) => new()
    {
        ConsumerName = consumer.Name,
        ConsumerARN = consumer.Arn.ToString(),
        ConsumerStatus = StatusText(consumer.Status),
        ConsumerCreationTimestamp = consumer.CreatedAt,
        StreamARN = consumer.Arn.Stream.Arn,
    };

    private static string StatusText(ConsumerStatus status) => status switch
    {
        ConsumerStatus.Creating => ConsumerStatuses.Creating,
        ConsumerStatus.Active => ConsumerStatuses.Active,
        _ => ConsumerStatuses.Deleting,
    };
}
