using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Cli.Output;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream describe</c>.</summary>
internal static class DescribeStreamCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var open = Options.Flag("--open", "Leave out closed shards.", shell);
        var json = StreamCommand.Json(shell);
        var command = new Command("describe", "Show a stream and its shards.") { name, open, json };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var stream = result.GetRequiredValue(name);
            var summary = await StreamState.SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            var shards = await StreamState.ShardsAsync(client, stream, filter: null, cancellationToken).ConfigureAwait(false);
            if (result.Get(open))
                shards.RemoveAll(shard => !StreamState.IsOpen(shard));
            if (result.Get(json))
                JsonOutput.Write(shell, writer => WriteJson(writer, summary, shards));
            else
                WriteText(shell, summary, shards);
            return CommandLine.Success;
        });
        return command;
    }

    private static void WriteText(Shell shell, StreamDescriptionSummary summary, List<Shard> shards)
    {
        var output = shell.OutText;
        output.WriteLine($"Stream     {summary.StreamName}");
        output.WriteLine($"ARN        {summary.StreamARN}");
        output.WriteLine($"Status     {summary.StreamStatus}, {summary.StreamModeDetails?.StreamMode}");
        output.WriteLine($"Created    {Figures.Moment(summary.StreamCreationTimestamp)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Retention  {summary.RetentionPeriodHours} h"));
        if (summary.KeyId is { } keyId)
            output.WriteLine($"Encrypted  {keyId}");
        output.WriteLine($"Open       {StreamState.Shards(summary.OpenShardCount ?? 0)}");
        output.WriteLine();
        // "Keys" is where in the hash key space the shard's range lies; --json has the exact numbers.
        var table = new TextTable(
            new Column("Shard"), new Column("State"), new Column("Share", AlignRight: true), new Column("Keys", AlignRight: true), new Column("Parents"));
        foreach (var shard in shards)
        {
            var range = StreamState.Range(shard);
            table.Add(
                shard.ShardId ?? "",
                StreamState.IsOpen(shard) ? "OPEN" : "CLOSED",
                Figures.Share(range),
                Figures.Position(range),
                string.Join(", ", Parents(shard)));
        }

        table.Write(shell);
    }

    private static void WriteJson(Utf8JsonWriter writer, StreamDescriptionSummary summary, List<Shard> shards)
    {
        writer.WriteStartObject();
        writer.WriteString("stream", summary.StreamName);
        writer.WriteString("arn", summary.StreamARN);
        writer.WriteString("status", summary.StreamStatus);
        writer.WriteString("mode", summary.StreamModeDetails?.StreamMode);
        if (summary.StreamCreationTimestamp is { } created)
            writer.WriteString("created", created.UtcDateTime);
        writer.WriteNumber("retentionHours", summary.RetentionPeriodHours ?? 0);
        if (summary.KeyId is { } keyId)
            writer.WriteString("keyId", keyId);
        writer.WriteNumber("openShards", summary.OpenShardCount ?? 0);
        writer.WriteNumber("consumers", summary.ConsumerCount ?? 0);
        writer.WriteStartArray("shards");
        foreach (var shard in shards)
        {
            writer.WriteStartObject();
            writer.WriteString("shardId", shard.ShardId);
            writer.WriteString("state", StreamState.IsOpen(shard) ? "OPEN" : "CLOSED");
            writer.WriteString("startingHashKey", shard.HashKeyRange?.StartingHashKey);
            writer.WriteString("endingHashKey", shard.HashKeyRange?.EndingHashKey);
            writer.WriteString("startingSequenceNumber", shard.SequenceNumberRange?.StartingSequenceNumber);
            if (!StreamState.IsOpen(shard))
                writer.WriteString("endingSequenceNumber", shard.SequenceNumberRange?.EndingSequenceNumber);
            writer.WriteStartArray("parents");
            foreach (var parent in Parents(shard))
                writer.WriteStringValue(parent);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static IEnumerable<string> Parents(Shard shard) => new[] { shard.ParentShardId, shard.AdjacentParentShardId }.OfType<string>();
}
