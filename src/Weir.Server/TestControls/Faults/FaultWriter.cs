using System.Text.Json;

namespace Weir.Server.TestControls.Faults;

/// <summary>Shows a fault as JSON: as it was asked for, with its number and its counts.</summary>
internal static class FaultWriter
{
    /// <summary>Writes one object.</summary>
    public static void Write(Utf8JsonWriter json, Fault fault)
    {
        var definition = fault.Definition;
        var (matched, fired) = fault.Counts;
        json.WriteStartObject();
        json.WriteNumber("id", fault.Id);
        json.WriteString("kind", FaultKinds.NameOf(definition.Kind));
        WriteFilter(json, definition.Filter);
        json.WriteNumber("rate", definition.Rate);
        json.WriteNumber("skip", definition.Skip);
        if (definition.Count is { } count)
            json.WriteNumber("count", count);
        json.WriteNumber("seed", definition.Seed);
        WriteOwn(json, definition);
        json.WriteNumber("matched", matched);
        json.WriteNumber("fired", fired);
        json.WriteEndObject();
    }

    private static void WriteFilter(Utf8JsonWriter json, FaultFilter filter)
    {
        if (filter.Operations.Count > 0)
        {
            json.WriteStartArray("operations");
            foreach (var operation in filter.Operations)
                json.WriteStringValue(operation.Name);
            json.WriteEndArray();
        }

        if (filter.Stream is { } stream)
            json.WriteString("stream", stream);
        if (filter.Shard is { } shard)
            json.WriteString("shard", shard.ToString());
        if (filter.Consumer is { } consumer)
            json.WriteString("consumer", consumer);
    }

    private static void WriteOwn(Utf8JsonWriter json, FaultDefinition definition)
    {
        switch (definition.Kind)
        {
            case FaultKind.Latency when definition.MinLatency == definition.MaxLatency:
                json.WriteString("duration", DurationText.Of(definition.MinLatency));
                break;
            case FaultKind.Latency:
                json.WriteString("min", DurationText.Of(definition.MinLatency));
                json.WriteString("max", DurationText.Of(definition.MaxLatency));
                break;
            case FaultKind.Reset:
                json.WriteString("when", definition.AfterEffect ? "after" : "before");
                break;
            case FaultKind.InternalFailure when definition.PerEntry:
                json.WriteBoolean("perEntry", true);
                break;
            case FaultKind.RefuseKey:
                json.WriteString("error", KeyErrors.CodeOf(definition.KeyState));
                break;
            case FaultKind.DropSubscription:
                if (definition.AfterEvents is { } events)
                    json.WriteNumber("afterEvents", events);
                if (definition.After is { } after)
                    json.WriteString("after", DurationText.Of(after));
                break;
            default:
                break;
        }
    }
}
