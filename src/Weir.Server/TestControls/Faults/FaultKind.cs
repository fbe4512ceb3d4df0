namespace Weir.Server.TestControls.Faults;

/// <summary>What a fault does to the requests that it hits.</summary>
internal enum FaultKind
{
    /// <summary>The operation's own throttling answer: of a shard for data operations (for each entry of PutRecords), else of the operation.</summary>
    Throttle,

    /// <summary>HTTP 500. With <see cref="FaultDefinition.PerEntry"/> single entries of PutRecords fail inside an answer of 200.</summary>
    InternalFailure,

    /// <summary>HTTP 503.</summary>
    Unavailable,

    /// <summary>The request waits before it goes on.</summary>
    Latency,

    /// <summary>The connection ends without an answer, before or after the request took effect.</summary>
    Reset,

    /// <summary>GetRecords says that the iterator has expired.</summary>
    ExpireIterator,

    /// <summary>A subscription breaks off.</summary>
    DropSubscription,

    /// <summary>The key of an encrypted stream cannot be used: one of the errors of the key service.</summary>
    RefuseKey,
}

/// <summary>The kinds as requests and answers spell them.</summary>
internal static class FaultKinds
{
    private static readonly (FaultKind Kind, string Name)[] All =
    [
        (FaultKind.Throttle, "throttle"),
        (FaultKind.InternalFailure, "internalFailure"),
        (FaultKind.Unavailable, "unavailable"),
        (FaultKind.Latency, "latency"),
        (FaultKind.Reset, "reset"),
        (FaultKind.ExpireIterator, "expireIterator"),
        (FaultKind.DropSubscription, "dropSubscription"),
        (FaultKind.RefuseKey, "refuseKey"),
    ];

    /// <summary>Every name, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(entry => entry.Name));

    /// <summary>The kind of a name, or null.</summary>
    public static FaultKind? Find(string name)
    {
        foreach (var entry in All)
        {
            if (entry.Name == name)
                return entry.Kind;
        }

        return null;
    }

    /// <summary>The name of a kind.</summary>
    public static string NameOf(FaultKind kind) => All.Single(entry => entry.Kind == kind).Name;
}
