using Weir.Model;
using Weir.Producer;

namespace Weir.Cli.Bench.Limits;

/// <summary>What is offered to a stream that takes less.</summary>
internal sealed record LimitsPlan
{
    /// <summary>Shards of the stream.</summary>
    public required int Shards { get; init; }

    /// <summary>Bytes of a user record's data.</summary>
    public required int RecordBytes { get; init; }

    /// <summary>How many times what the shards take is offered.</summary>
    public required int Times { get; init; }

    /// <summary>The producer's credit.</summary>
    public required long CreditBytes { get; init; }

    /// <summary>What the producer does when its credit is used up.</summary>
    public required FullPolicy WhenFull { get; init; }

    /// <summary>How much of the shards' rates the producer uses.</summary>
    public required int RateLimitPercent { get; init; }

    /// <summary>Whether the producer keeps the order of each key.</summary>
    public required bool KeepOrder { get; init; }

    /// <summary>How long is measured.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long is offered before: the shards' buckets are empty by then.</summary>
    public required TimeSpan Warmup { get; init; }

    /// <summary>User records that are offered in a second, at most.</summary>
    public double OfferedPerSecond => (double)Times * Shards * KinesisLimits.ShardWriteBytesPerSecond / RecordBytes;
}
