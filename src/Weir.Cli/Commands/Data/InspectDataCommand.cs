using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Cli.Output;
using Weir.Log.Integrity;
using Weir.Streams.Integrity;

namespace Weir.Cli.Commands.Data;

/// <summary><c>weir data inspect</c>: what is in a data directory.</summary>
internal static class InspectDataCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var data = DataCommand.Directory(shell);
        var name = Options.Value<string?>("--stream", "NAME", "This stream's segments and shards, in place of all streams.", Options.Text, null, shell);
        var json = DataCommand.Json(shell);
        var command = new Command("inspect", "Show the streams, segments and shards of a data directory, without checking them.") { data, name, json };
        command.SetAction(async (result, _) =>
        {
            var (directory, stream) = (result.Get(data)!, result.Get(name));
            var stored = await DataCommand.WithProgressAsync(shell, (_, token) => DataSurvey.RunAsync(directory, stream, token)).ConfigureAwait(false);
            if (stream is not null && stored.Streams.Count == 0)
                throw new CommandFailure($"There is no stream {stream} in {directory}.");
            if (result.Get(json))
                WriteJson(shell, stored);
            else
                WriteText(shell, stored, withDetails: stream is not null);
            return CommandLine.Success;
        });
        return command;
    }

    private static void WriteText(Shell shell, StoredData stored, bool withDetails)
    {
        var table = new TextTable(
            new Column("Stream"), new Column("Region"), new Column("Status"), new Column("Log"), new Column("Open", AlignRight: true), new Column("Closed", AlignRight: true),
            new Column("Segments", AlignRight: true), new Column("Stored", AlignRight: true), new Column("Records", AlignRight: true));
        foreach (var stream in stored.Streams)
        {
            var segments = stream.Log?.Segments ?? [];
            var open = stream.Shards.Count(shard => shard.Row.ClosedAt is null);
            table.Add(
                stream.Row.Name.Name, stream.Row.Name.Region, Status(stream), stream.Row.Id.ToString(), Figures.Count(open), Figures.Count(stream.Shards.Count - open),
                Figures.Count(segments.Count), Figures.Bytes(segments.Sum(segment => segment.FileBytes)), Figures.Count(segments.Sum(segment => segment.Records)));
        }

        table.Write(shell);
        if (stored.DiscardedBytes > 0)
        {
            shell.OutText.WriteLine();
            shell.OutText.WriteLine($"{Figures.Bytes(stored.DiscardedBytes)} that were trimmed or deleted still take room; a server gives it back over time.");
        }

        if (!withDetails)
            return;
        foreach (var stream in stored.Streams)
        {
            shell.OutText.WriteLine();
            Segments(stream.Log?.Segments ?? []).Write(shell);
            shell.OutText.WriteLine();
            Shards(stream.Shards).Write(shell);
        }
    }

    private static TextTable Segments(IReadOnlyList<SegmentFacts> segments)
    {
        var table = new TextTable(
            new Column("Segment", AlignRight: true), new Column("State"), new Column("Bytes", AlignRight: true), new Column("Reserved", AlignRight: true),
            new Column("Frames", AlignRight: true), new Column("Records", AlignRight: true), new Column("First record"), new Column("Last record"));
        foreach (var segment in segments)
        {
            table.Add(
                Number(segment.BaseOffset), State(segment), Number(segment.FileBytes), Number(segment.ReservedBytes), Number(segment.Frames), Number(segment.Records),
                Figures.Moment(segment.FirstTime), Figures.Moment(segment.LastTime));
        }

        return table;
    }

    private static TextTable Shards(IReadOnlyList<StoredShard> shards)
    {
        var table = new TextTable(
            new Column("Shard"), new Column("State"), new Column("Keys", AlignRight: true), new Column("Records", AlignRight: true), new Column("First stored"), new Column("Last stored"),
            new Column("First arrival"), new Column("Last arrival"));
        foreach (var shard in shards)
        {
            table.Add(
                shard.Row.Id.ToString(), shard.Row.ClosedAt is null ? "OPEN" : "CLOSED", Figures.Position(shard.Row.HashKeys),
                Number(shard.Facts is { FirstTime: not null } facts ? facts.NextIndex - facts.FirstIndex : 0),
                shard.OldestRecord?.ToString() ?? "", shard.NewestRecord?.ToString() ?? "", Figures.Moment(shard.Facts?.FirstTime), Figures.Moment(shard.Facts?.LastTime));
        }

        return table;
    }

    private static void WriteJson(Shell shell, StoredData stored) => JsonOutput.Write(shell, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("streams");
        foreach (var stream in stored.Streams)
        {
            writer.WriteStartObject();
            writer.WriteString("stream", stream.Row.Name.Name);
            writer.WriteString("region", stream.Row.Name.Region);
            writer.WriteString("accountId", stream.Row.Name.Account);
            writer.WriteString("status", Status(stream));
            writer.WriteString("log", stream.Row.Id.ToString());
            writer.WriteNumber("retentionHours", stream.Row.RetentionHours);
            WriteSegments(writer, stream.Log?.Segments ?? []);
            WriteShards(writer, stream.Shards);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("discardedBytes", stored.DiscardedBytes);
        writer.WriteEndObject();
    });

    private static void WriteSegments(Utf8JsonWriter writer, IReadOnlyList<SegmentFacts> segments)
    {
        writer.WriteStartArray("segments");
        foreach (var segment in segments)
        {
            writer.WriteStartObject();
            writer.WriteString("file", segment.File);
            writer.WriteNumber("baseOffset", segment.BaseOffset);
            writer.WriteString("state", State(segment));
            writer.WriteNumber("bytes", segment.FileBytes);
            writer.WriteNumber("reservedBytes", segment.ReservedBytes);
            writer.WriteNumber("frames", segment.Frames);
            writer.WriteNumber("records", segment.Records);
            WriteTime(writer, "firstRecord", segment.FirstTime);
            WriteTime(writer, "lastRecord", segment.LastTime);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteShards(Utf8JsonWriter writer, IReadOnlyList<StoredShard> shards)
    {
        writer.WriteStartArray("shards");
        foreach (var shard in shards)
        {
            writer.WriteStartObject();
            writer.WriteString("shardId", shard.Row.Id.ToString());
            writer.WriteString("state", shard.Row.ClosedAt is null ? "OPEN" : "CLOSED");
            writer.WriteString("startingHashKey", shard.Row.HashKeys.Start.ToString());
            writer.WriteString("endingHashKey", shard.Row.HashKeys.End.ToString());
            writer.WriteString("startingSequenceNumber", shard.StartingSequenceNumber.ToString());
            if (shard.EndingSequenceNumber is { } end)
                writer.WriteString("endingSequenceNumber", end.ToString());
            writer.WriteNumber("firstIndex", shard.Facts?.FirstIndex ?? 1);
            writer.WriteNumber("nextIndex", shard.Facts?.NextIndex ?? 1);
            if (shard.OldestRecord is { } oldest)
                writer.WriteString("firstStored", oldest.ToString());
            if (shard.NewestRecord is { } newest)
                writer.WriteString("lastStored", newest.ToString());
            WriteTime(writer, "firstArrival", shard.Facts?.FirstTime);
            WriteTime(writer, "lastArrival", shard.Facts?.LastTime);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } moment)
            writer.WriteString(name, moment.UtcDateTime);
    }

    private static string State(SegmentFacts segment) => segment.IsSealed ? "sealed" : "active";

    private static string Status(StoredStream stream) => stream.Row.Status.ToString().ToUpperInvariant();

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
