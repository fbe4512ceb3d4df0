using Weir.Log;

namespace Weir.Ladder;

/// <summary>All rungs, from the bottom up.</summary>
public static class Rungs
{
    private static readonly string[] Wires = ["json", "cbor"];

    /// <summary>Every step there is, rung by rung.</summary>
    public static IReadOnlyList<StepName> Steps { get; } =
    [
        .. from rung in new[] { DeviceRung.Name, LogRung.Name, EngineRung.Name, ProtocolRung.Name, HttpRung.Name }
           from operation in rung == DeviceRung.Name ? new[] { Operations.PutRecord, Operations.PutRecords } : Operations.All
           from wire in rung is ProtocolRung.Name or HttpRung.Name ? Wires : [""]
           select new StepName(rung, operation, wire),
    ];

    /// <summary>Opens a rung.</summary>
    /// <param name="name">Which.</param>
    /// <param name="directory">Of its own, for what it stores; the caller removes it.</param>
    /// <param name="durability">When it counts a record as stored.</param>
    public static async Task<IRung> OpenAsync(string name, DirectoryInfo directory, Durability durability) => name switch
    {
        DeviceRung.Name => new DeviceRung(directory, durability),
        LogRung.Name => await LogRung.OpenAsync(directory, durability).ConfigureAwait(false),
        EngineRung.Name => await EngineRung.OpenAsync(directory, durability).ConfigureAwait(false),
        ProtocolRung.Name => new ProtocolRung(),
        HttpRung.Name => await HttpRung.OpenAsync(directory, durability).ConfigureAwait(false),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such rung."),
    };
}

/// <summary>The operations, by the names of the API's actions.</summary>
public static class Operations
{
    /// <summary>Stores one record.</summary>
    public const string PutRecord = "PutRecord";

    /// <summary>Stores <see cref="Workload.BatchRecords"/> records.</summary>
    public const string PutRecords = "PutRecords";

    /// <summary>Reads <see cref="Workload.PageRecords"/> records.</summary>
    public const string GetRecords = "GetRecords";

    /// <summary>Stores one record and gives it to a subscriber.</summary>
    public const string SubscribeToShard = "SubscribeToShard";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [PutRecord, PutRecords, GetRecords, SubscribeToShard];
}
