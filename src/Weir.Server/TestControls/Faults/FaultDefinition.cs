using Weir.Protocol;
using Weir.Streams.Encryption;

namespace Weir.Server.TestControls.Faults;

/// <summary>A fault as it was asked for.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Filter">To which requests.</param>
internal sealed record FaultDefinition(FaultKind Kind, FaultFilter Filter)
{
    /// <summary>Share of the matching requests that it hits.</summary>
    /// <value>0 to 1. Default 1.</value>
    public double Rate { get; init; } = 1;

    /// <summary>How many matching requests it lets pass before it begins.</summary>
    /// <value>Default 0.</value>
    public long Skip { get; init; }

    /// <summary>How many it hits in all; null for no end.</summary>
    public long? Count { get; init; }

    /// <summary>Decides, with the number of the matching request, which ones it hits.</summary>
    /// <value>Default 0.</value>
    public long Seed { get; init; }

    /// <summary>Of <see cref="FaultKind.Latency"/>: the shortest wait.</summary>
    public TimeSpan MinLatency { get; init; }

    /// <summary>Of <see cref="FaultKind.Latency"/>: the longest wait.</summary>
    public TimeSpan MaxLatency { get; init; }

    /// <summary>Of <see cref="FaultKind.Reset"/>: whether the request takes effect first.</summary>
    public bool AfterEffect { get; init; }

    /// <summary>Of <see cref="FaultKind.InternalFailure"/>: whether it hits entries of PutRecords rather than requests.</summary>
    public bool PerEntry { get; init; }

    /// <summary>Of <see cref="FaultKind.DropSubscription"/>: after how many events, or null.</summary>
    public long? AfterEvents { get; init; }

    /// <summary>Of <see cref="FaultKind.DropSubscription"/>: after what time on the server's clock, or null.</summary>
    public TimeSpan? After { get; init; }

    /// <summary>Of <see cref="FaultKind.RefuseKey"/>: why the key cannot be used.</summary>
    public KeyState KeyState { get; init; }

    /// <summary>Whether it hits single records of an operation, when their shards are known, rather than its requests.</summary>
    public bool HitsRecordsOf(KinesisOperation operation) =>
        (Kind == FaultKind.Throttle && (operation == KinesisOperation.PutRecord || operation == KinesisOperation.PutRecords))
        || (PerEntry && operation == KinesisOperation.PutRecords);
}
