using System.CommandLine;
using Weir.Cli.Output;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream list</c>.</summary>
internal static class ListStreamsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var json = StreamCommand.Json(shell);
        var command = new Command("list", "List the streams.") { json };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var streams = await AllAsync(client, cancellationToken).ConfigureAwait(false);
            if (result.Get(json))
                WriteJson(shell, streams);
            else
                WriteTable(shell, streams, client);
            return CommandLine.Success;
        });
        return command;
    }

    private static async Task<List<StreamSummary>> AllAsync(KinesisClient client, CancellationToken cancellationToken)
    {
        var streams = new List<StreamSummary>();
        var request = new ListStreamsRequest();
        while (true)
        {
            var page = await client.ListStreamsAsync(request, cancellationToken).ConfigureAwait(false);
            // Older servers answer names only.
            streams.AddRange(page.StreamSummaries ?? [.. (page.StreamNames ?? []).Select(name => new StreamSummary { StreamName = name })]);
            if (page.HasMoreStreams != true || streams.Count == 0)
                return streams;
            request = page.NextToken is { Length: > 0 } token
                ? new ListStreamsRequest { NextToken = token }
                : new ListStreamsRequest { ExclusiveStartStreamName = streams[^1].StreamName };
        }
    }

    private static void WriteTable(Shell shell, List<StreamSummary> streams, KinesisClient client)
    {
        if (streams.Count == 0)
        {
            // Not a row, so not for standard output: a script counts lines there.
            shell.Error.WriteLine($"No streams in {client.Region} at {Connection.Name(client.Endpoint)}.");
            return;
        }

        var table = new TextTable(new Column("Stream"), new Column("Status"), new Column("Mode"), new Column("Created"));
        foreach (var stream in streams)
        {
            table.Add(
                stream.StreamName ?? "", stream.StreamStatus ?? "", stream.StreamModeDetails?.StreamMode ?? "", Figures.Moment(stream.StreamCreationTimestamp));
        }

        table.Write(shell);
    }

    private static void WriteJson(Shell shell, List<StreamSummary> streams) => JsonOutput.Write(shell, writer =>
    {
        writer.WriteStartArray();
        foreach (var stream in streams)
        {
            writer.WriteStartObject();
            writer.WriteString("stream", stream.StreamName);
            writer.WriteString("arn", stream.StreamARN);
            writer.WriteString("status", stream.StreamStatus);
            writer.WriteString("mode", stream.StreamModeDetails?.StreamMode);
            if (stream.StreamCreationTimestamp is { } created)
                writer.WriteString("created", created.UtcDateTime);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
