using System.Globalization;
using Weir.Protocol.Wire;

namespace Weir.Cli.Bench;

/// <summary>What load to make.</summary>
internal sealed record LoadPlan
{
    /// <summary>The stream that takes the records.</summary>
    public required string Stream { get; init; }

    /// <summary>The key that its records are encrypted with, when it was made so for the measurement.</summary>
    public string? KeyId { get; init; }

    /// <summary>The region of the stream.</summary>
    public required string Region { get; init; }

    /// <summary>How requests are written.</summary>
    public WireCodec Codec { get; init; } = WireCodec.Json;

    /// <summary>Connections, each with one request under way.</summary>
    public required int Connections { get; init; }

    /// <summary>Bytes of a record's data.</summary>
    public required int RecordBytes { get; init; }

    /// <summary>Records of a request: 1 is PutRecord, more is PutRecords.</summary>
    public required int Batch { get; init; }

    /// <summary>Records per second in all; 0 sends as fast as answers come.</summary>
    public required int RecordsPerSecond { get; init; }

    /// <summary>Different partition keys.</summary>
    public required int Keys { get; init; }

    /// <summary>What is measured.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What goes before and is not measured.</summary>
    public required TimeSpan Warmup { get; init; }

    /// <summary>Whether requests are due at fixed times, whatever the answers.</summary>
    public bool IsOpenLoop => RecordsPerSecond > 0;

    /// <summary>Requests per second in all, of an open loop.</summary>
    public double RequestsPerSecond => (double)RecordsPerSecond / Batch;

    /// <summary>One of the partition keys.</summary>
    /// <param name="number">From 0 on; numbers beyond <see cref="Keys"/> begin again.</param>
    public string Key(long number) => string.Create(CultureInfo.InvariantCulture, $"key-{number % Keys}");

    /// <summary>All partition keys.</summary>
    public string[] AllKeys() => [.. Enumerable.Range(0, Keys).Select(number => Key(number))];
}
