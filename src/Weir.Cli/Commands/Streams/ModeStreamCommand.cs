using System.CommandLine;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream mode</c>: by UpdateStreamMode.</summary>
internal static class ModeStreamCommand
{
    private const string OnDemand = "on-demand";
    private const string Provisioned = "provisioned";

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var mode = new Argument<string>("mode") { Description = $"{OnDemand}: the traffic decides on the number of shards; {Provisioned}: you do." };
        mode.AcceptOnlyFromAmong(OnDemand, Provisioned);
        var wait = StreamCommand.Wait(shell, "the stream is ACTIVE again");
        var command = new Command("mode", "Change who decides on the number of shards.") { name, mode, wait };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var stream = result.GetRequiredValue(name);
            // The request knows no names.
            var summary = await StreamState.SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            await client.SendAsync(
                new UpdateStreamModeRequest
                {
                    StreamARN = summary.StreamARN,
                    StreamModeDetails = new StreamModeDetails { StreamMode = result.GetRequiredValue(mode) == OnDemand ? StreamModes.OnDemand : StreamModes.Provisioned },
                },
                cancellationToken).ConfigureAwait(false);
            summary = result.Get(wait)
                ? await StreamState.ActiveAsync(client, stream, shell, cancellationToken).ConfigureAwait(false)
                : await StreamState.SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            shell.OutText.WriteLine($"Stream {stream} is {summary.StreamModeDetails?.StreamMode}, with {StreamState.Shards(summary.OpenShardCount ?? 0)}.");
            return CommandLine.Success;
        });
        return command;
    }
}
