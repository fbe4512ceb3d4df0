using System.Text.Json;
using Weir.Model;
using Weir.Protocol;
using Weir.Server.Operations;
using Weir.Streams.Encryption;

namespace Weir.Server.TestControls.Faults;

/// <summary>Reads a fault from JSON, and says what is wrong with it.</summary>
internal static class FaultReader
{
    /// <summary>Longest latency: beyond the patience of every client.</summary>
    public static readonly TimeSpan MaxLatency = TimeSpan.FromMinutes(10);

    private const long MaxNumber = 1_000_000_000;

    /// <summary>Reads a fault.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Read(JsonElement root, out FaultDefinition fault)
    {
        var members = new ControlMembers(root);
        var kind = Kind(members);
        fault = new FaultDefinition(kind, Filter(members, kind))
        {
            Rate = members.Number("rate", 0, 1) ?? 1,
            Skip = members.Integer("skip", 0, MaxNumber) ?? 0,
            Count = members.Integer("count", 1, MaxNumber),
            Seed = members.Integer("seed", long.MinValue, long.MaxValue) ?? 0,
        };
        fault = kind switch
        {
            FaultKind.Latency => Latency(members, fault),
            FaultKind.Reset => fault with { AfterEffect = IsAfter(members) },
            FaultKind.InternalFailure => fault with { PerEntry = members.Flag("perEntry") },
            FaultKind.DropSubscription => Drop(members, fault),
            FaultKind.RefuseKey => fault with { KeyState = KeyStateOf(members) },
            _ => fault,
        };
        return members.Complaint ?? Contradiction(fault);
    }

    private static FaultKind Kind(ControlMembers members)
    {
        var range = $"one of {FaultKinds.Names}";
        if (members.Text("kind", range) is { } name)
        {
            if (FaultKinds.Find(name) is { } kind)
                return kind;
            members.Complain("kind", range);
        }

        members.Complain($"kind is missing; it must be {range}.");
        return default;
    }

    private static FaultFilter Filter(ControlMembers members, FaultKind kind)
    {
        var operations = new List<KinesisOperation>();
        foreach (var name in members.Texts("operations"))
        {
            if (KinesisOperation.All.FirstOrDefault(operation => operation.Name == name) is { } operation)
                operations.Add(operation);
            else
                members.Complain($"operations has \"{name}\"; it must name operations of the API, such as \"PutRecords\".");
        }

        // What a kind can happen to says itself.
        if (operations.Count == 0 && OnlyOperationOf(kind) is { } only)
            operations.Add(only);
        ShardId? shard = null;
        if (members.Text("shard") is { } text)
        {
            if (ShardId.TryNormalize(text, out var id))
                shard = id;
            else
                members.Complain("shard", "a shard's id such as \"shardId-000000000001\", or its number as a text");
        }

        return new FaultFilter(operations, members.Text("stream"), shard, members.Text("consumer"));
    }

    private static KinesisOperation? OnlyOperationOf(FaultKind kind) => kind switch
    {
        FaultKind.ExpireIterator => KinesisOperation.GetRecords,
        FaultKind.DropSubscription => KinesisOperation.SubscribeToShard,
        _ => null,
    };

    private static FaultDefinition Latency(ControlMembers members, FaultDefinition fault)
    {
        var exact = members.Duration("duration", MaxLatency);
        var min = members.Duration("min", MaxLatency);
        var max = members.Duration("max", MaxLatency);
        if (exact is null == (min is null && max is null) || min is null != max is null)
            members.Complain("A latency has either duration, or min and max.");
        if (min > max)
            members.Complain("min", "at most max");
        return fault with { MinLatency = exact ?? min ?? default, MaxLatency = exact ?? max ?? default };
    }

    private static bool IsAfter(ControlMembers members)
    {
        const string Range = "\"before\" or \"after\"";
        var when = members.Text("when", Range) ?? "before";
        if (when is not ("before" or "after"))
            members.Complain("when", Range);
        return when == "after";
    }

    private static FaultDefinition Drop(ControlMembers members, FaultDefinition fault)
    {
        fault = fault with { AfterEvents = members.Integer("afterEvents", 0, MaxNumber), After = members.Duration("after", KinesisLimits.SubscriptionLifetime) };
        if (fault is { AfterEvents: null, After: null })
            members.Complain("A dropSubscription has afterEvents, after, or both.");
        return fault;
    }

    private static KeyState KeyStateOf(ControlMembers members)
    {
        var range = $"one of {KeyErrors.Codes}";
        if (members.Text("error", range) is not { } name)
        {
            members.Complain($"error is missing; a refuseKey has {range}.");
            return default;
        }

        if (KeyErrors.Find(name) is { } state)
            return state;
        members.Complain("error", range);
        return default;
    }

    private static string? Contradiction(FaultDefinition fault)
    {
        var operations = fault.Filter.Operations;
        if (OnlyOperationOf(fault.Kind) is { } only && operations.Any(operation => operation != only))
            return $"operations has {operations.First(operation => operation != only)}; {FaultKinds.NameOf(fault.Kind)} happens to {only} only.";
        if (fault.Kind == FaultKind.RefuseKey && operations.FirstOrDefault(operation => !KeyRefusal.Operations.Contains(operation)) is { } keyless)
            return $"operations has {keyless}; refuseKey happens to {string.Join(", ", KeyRefusal.Operations)} only.";
        if (fault.PerEntry && operations.Any(operation => operation != KinesisOperation.PutRecords))
            return $"operations has {operations.First(operation => operation != KinesisOperation.PutRecords)}; perEntry is for PutRecords only.";
        if (fault.Filter.Shard is not null && operations.Contains(KinesisOperation.PutRecords) && !fault.HitsRecordsOf(KinesisOperation.PutRecords))
            return "shard goes with PutRecords only for throttle, and for internalFailure with perEntry: its entries go to many shards.";
        return null;
    }
}
