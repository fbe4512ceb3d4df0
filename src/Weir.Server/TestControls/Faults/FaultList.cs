using Weir.Model;
using Weir.Protocol;
using Weir.Server.Operations;
using Weir.Streams;

namespace Weir.Server.TestControls.Faults;

/// <summary>The faults that are in force, and what they come to for a request.</summary>
/// <param name="machine">The machine's clock: latency is what a client's patience is measured against, so it does not follow the test clock.</param>
/// <remarks>
/// Thread-safe. Faults are asked in the order in which they were added. A latency lets the request go on to the next fault; the first of
/// another kind that hits it decides, and those behind it do not count the request.
/// </remarks>
internal sealed class FaultList(TimeProvider machine)
{
    /// <summary>At most so many faults at once; one more is refused.</summary>
    public const int MaxFaults = 1000;

    private readonly Lock _gate = new();

    // Replaced under _gate, read by anyone.
    private volatile Fault[] _faults = [];

    // Guarded by _gate.
    private long _lastId;

    /// <summary>Whether there is none: then a request need not be looked at.</summary>
    public bool IsEmpty => _faults.Length == 0;

    /// <summary>All, in the order in which they are asked.</summary>
    public IReadOnlyList<Fault> All => _faults;

    /// <summary>Adds a fault.</summary>
    /// <returns>The fault, or null when there are <see cref="MaxFaults"/> already.</returns>
    public Fault? Add(FaultDefinition definition)
    {
        lock (_gate)
        {
            if (_faults.Length >= MaxFaults)
                return null;
            var fault = new Fault(++_lastId, definition);
            _faults = [.. _faults, fault];
            return fault;
        }
    }

    /// <summary>Takes one away.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(long id)
    {
        lock (_gate)
        {
            var before = _faults.Length;
            _faults = [.. _faults.Where(fault => fault.Id != id)];
            return _faults.Length < before;
        }
    }

    /// <summary>Takes all away.</summary>
    /// <returns>How many there were.</returns>
    public int Clear()
    {
        lock (_gate)
        {
            var before = _faults.Length;
            _faults = [];
            return before;
        }
    }

    /// <summary>Whether the shard of a PutRecord has to be found out for its target.</summary>
    public bool WantsShardOf(KinesisOperation operation, in RequestTarget target)
    {
        foreach (var fault in _faults)
        {
            if (fault.Definition.Filter.Shard is not null && !fault.Definition.HitsRecordsOf(operation)
                && fault.Definition.Filter.MatchesIgnoringShard(operation, target))
                return true;
        }

        return false;
    }

    /// <summary>What the faults come to for a request. Waits for its latency.</summary>
    /// <param name="operation">What it wants to do.</param>
    /// <param name="context">For the clock that refusals show.</param>
    /// <param name="target">With what.</param>
    /// <param name="clientGone">Ends a latency.</param>
    public async ValueTask<FaultOutcome> ExamineAsync(
        KinesisOperation operation, OperationContext context, RequestTarget target, CancellationToken clientGone)
    {
        foreach (var fault in _faults)
        {
            if (!IsForRequest(fault.Definition, operation, context, target) || !fault.Decide(out var number))
                continue;
            if (fault.Definition.Kind == FaultKind.Latency)
                await Task.Delay(fault.LatencyOf(number), machine, clientGone).ConfigureAwait(false);
            else
                return FaultOutcome.Of(fault.Definition, operation, context, target);
        }

        return default;
    }

    /// <summary>What decides on the records of a put; null when no fault does.</summary>
    public RecordGate? GateOf(KinesisOperation operation, RequestTarget target)
    {
        Fault[] faults = [.. _faults.Where(fault => fault.Definition.HitsRecordsOf(operation) && fault.Definition.Filter.MatchesIgnoringShard(operation, target))];
        return faults.Length == 0 ? null : shard => Examine(faults, shard);
    }

    /// <summary>Asked once for each subscription, when it begins: whether and when it breaks off.</summary>
    /// <returns>Null when no fault hits it.</returns>
    public SubscriptionDrop? DropOf(KinesisOperation operation, in RequestTarget target)
    {
        foreach (var fault in _faults)
        {
            if (fault.Definition.Kind == FaultKind.DropSubscription && fault.Definition.Filter.Matches(operation, target) && fault.Decide(out _))
                return new SubscriptionDrop(fault.Definition.AfterEvents, fault.Definition.After);
        }

        return null;
    }

    private static PutStatus Examine(Fault[] faults, ShardId shard)
    {
        foreach (var fault in faults)
        {
            if (fault.Definition.Filter.MatchesShard(shard) && fault.Decide(out _))
                return fault.Definition.Kind == FaultKind.Throttle ? PutStatus.Throttled : PutStatus.Failed;
        }

        return PutStatus.Pending;
    }

    private static bool IsForRequest(FaultDefinition definition, KinesisOperation operation, OperationContext context, in RequestTarget target) =>
        definition.Kind != FaultKind.DropSubscription
        && !definition.PerEntry
        && !definition.HitsRecordsOf(operation)
        && (definition.Kind != FaultKind.Throttle || FaultOutcome.CanThrottle(operation, target))
        && (definition.Kind != FaultKind.RefuseKey || UsesKey(operation, context, target))
        && definition.Filter.Matches(operation, target);

    // A stream that is not encrypted needs no key; Start names the one that it is going to need.
    private static bool UsesKey(KinesisOperation operation, OperationContext context, in RequestTarget target) =>
        KeyRefusal.Operations.Contains(operation)
        && target.Stream is { } name && context.Engine.Streams.Find(name)?.Current.Row is { } row
        && (row.KeyId is not null || operation == KinesisOperation.StartStreamEncryption);
}
