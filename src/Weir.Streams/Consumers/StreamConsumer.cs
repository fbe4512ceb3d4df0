using Weir.Model;

namespace Weir.Streams.Consumers;

/// <summary>States of a consumer. The names are those of the API in Pascal case; the catalog stores the numbers.</summary>
public enum ConsumerStatus
{
    /// <summary>Accepted by RegisterStreamConsumer. Moves to <see cref="Active"/>.</summary>
    Creating = 1,

    /// <summary>May subscribe.</summary>
    Active = 2,

    /// <summary>Accepted by DeregisterStreamConsumer; nothing leads out of here but the end.</summary>
    Deleting = 3,
}

/// <summary>A reader of a stream by enhanced fan-out: with a throughput of its own on each shard. Immutable; part of the stream's snapshot.</summary>
/// <param name="Id">Identity; never reused.</param>
/// <param name="Arn">Stream, name and creation time.</param>
/// <param name="Status">Where in its life it is.</param>
public sealed record StreamConsumer(long Id, ConsumerArn Arn, ConsumerStatus Status)
{
    /// <summary>The name, unique on its stream.</summary>
    public string Name => Arn.Name;

    /// <summary>When RegisterStreamConsumer was accepted; whole seconds, for they are in the ARN.</summary>
    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeSeconds(Arn.CreatedSeconds);

    /// <summary>Its tags.</summary>
    public StreamTags Tags { get; init; } = StreamTags.None;

    /// <summary>Its resource policy, the text as given; null when it has none.</summary>
    public string? Policy { get; init; }
}
