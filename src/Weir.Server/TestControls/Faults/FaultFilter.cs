using Weir.Model;
using Weir.Protocol;
using Weir.Server.Operations;

namespace Weir.Server.TestControls.Faults;

/// <summary>Which requests a fault looks at. What is not given matches everything; what is given must be what the request names.</summary>
/// <param name="Operations">The operations; empty for all.</param>
/// <param name="Stream">A stream's name, in any region, or its ARN.</param>
/// <param name="Shard">A shard. Of puts the one that the record goes to; else the one that the request or its iterator names.</param>
/// <param name="Consumer">A consumer's name or its ARN, for requests that name one by its ARN.</param>
internal sealed record FaultFilter(IReadOnlyList<KinesisOperation> Operations, string? Stream = null, ShardId? Shard = null, string? Consumer = null)
{
    /// <summary>Whether a request matches.</summary>
    public bool Matches(KinesisOperation operation, in RequestTarget target) =>
        MatchesIgnoringShard(operation, target) && MatchesShard(target.Shard);

    /// <summary>Whether a request matches as far as it is known before its records are looked at.</summary>
    public bool MatchesIgnoringShard(KinesisOperation operation, in RequestTarget target) =>
        (Operations.Count == 0 || Operations.Contains(operation))
        && (Stream is null || (target.Stream is { } stream && (stream.Name == Stream || stream.Arn == Stream)))
        && (Consumer is null || (target.Consumer is { } consumer && (consumer.Name == Consumer || consumer.ToString() == Consumer)));

    /// <summary>Whether a shard is the one, or any will do.</summary>
    public bool MatchesShard(ShardId? shard) => Shard is null || Shard == shard;
}
