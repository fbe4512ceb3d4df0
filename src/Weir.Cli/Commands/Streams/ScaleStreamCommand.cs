using System.CommandLine;
using System.Globalization;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream scale</c>: by UpdateShardCount, to equal ranges.</summary>
internal static class ScaleStreamCommand
{
    // UpdateShardCount goes no further (spec section 7.5).
    private const int MaxShards = 10_000;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var target = new Argument<int>("shards") { Description = "The number of open shards to come to: at most twice, at least half of the present one." };
        target.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxShards)
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"The number of shards must be from 1 to {MaxShards}."));
        });
        var wait = StreamCommand.Wait(shell, "the stream is ACTIVE again");
        var command = new Command("scale", "Change the number of open shards.") { name, target, wait };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var stream = result.GetRequiredValue(name);
            var response = await client.UpdateShardCountAsync(
                new UpdateShardCountRequest { StreamName = stream, TargetShardCount = result.GetValue(target), ScalingType = ScalingTypes.UniformScaling },
                cancellationToken).ConfigureAwait(false);
            if (result.Get(wait))
                await StreamState.ActiveAsync(client, stream, shell, cancellationToken).ConfigureAwait(false);
            shell.OutText.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Stream {stream}: {response.CurrentShardCount} -> {response.TargetShardCount} shards."));
            return CommandLine.Success;
        });
        return command;
    }
}
