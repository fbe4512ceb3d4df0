using System.CommandLine;
using Weir.Cli.Output;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream create</c>.</summary>
internal static class CreateStreamCommand
{
    // The most that one request may ask for; the account's limit is the server's to say.
    private const int MaxShards = 100_000;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var shards = Options.Value("--shards", "N", "Number of shards.", Options.Integer(1, MaxShards), 1, shell, shown: "1");
        var onDemand = Options.Flag("--on-demand", "Let the service choose the number of shards.", shell);
        var wait = StreamCommand.Wait(shell, "the stream is ACTIVE");
        var json = StreamCommand.Json(shell);
        var command = new Command("create", "Create a stream.") { name, shards, onDemand, wait, json };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            var stream = result.GetRequiredValue(name);
            if (result.Get(onDemand) && shards.IsGiven(result))
                throw new UsageException("--on-demand and --shards exclude each other.");
            using var client = connection.Open(result);
            await client.CreateStreamAsync(
                new CreateStreamRequest
                {
                    StreamName = stream,
                    ShardCount = result.Get(onDemand) ? null : result.Get(shards),
                    StreamModeDetails = result.Get(onDemand) ? new StreamModeDetails { StreamMode = StreamModes.OnDemand } : null,
                },
                cancellationToken).ConfigureAwait(false);
            var summary = result.Get(wait)
                ? await StreamState.ActiveAsync(client, stream, shell, cancellationToken).ConfigureAwait(false)
                : await StreamState.SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            if (result.Get(json))
            {
                JsonOutput.Write(shell, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("stream", stream);
                    writer.WriteString("arn", summary.StreamARN);
                    writer.WriteString("status", summary.StreamStatus);
                    writer.WriteNumber("openShards", summary.OpenShardCount ?? 0);
                    writer.WriteEndObject();
                });
            }
            else
            {
                shell.OutText.WriteLine(summary.StreamStatus == StreamStatuses.Active
                    ? $"Stream {stream} is there, with {StreamState.Shards(summary.OpenShardCount ?? 0)}."
                    : $"Stream {stream} is {summary.StreamStatus}.");
            }

            return CommandLine.Success;
        });
        return command;
    }
}
