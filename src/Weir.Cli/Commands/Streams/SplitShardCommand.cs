using System.CommandLine;
using Weir.Cli.Output;
using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream split</c>.</summary>
internal static class SplitShardCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var shard = new Argument<string>("shard") { Description = "The shard's id, or its number." };
        var at = Options.Value<string?>("--at", "HASHKEY", "The first hash key of the upper half.", Options.Text, fallback: null, shell, shown: "the middle");
        var wait = StreamCommand.Wait(shell, "the children are there");
        var command = new Command("split", "Split a shard in two.") { name, shard, at, wait };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var stream = result.GetRequiredValue(name);
            var parent = await StreamState.ShardAsync(client, stream, result.GetRequiredValue(shard), cancellationToken).ConfigureAwait(false);
            var key = result.Get(at) is { } given
                ? HashKey.TryParse(given, out var parsed) ? parsed : throw new UsageException($"--at is '{given}': expected a whole number from 0 to 2^128 - 1.")
                : Middle(StreamState.Range(parent));
            await client.SplitShardAsync(
                new SplitShardRequest { StreamName = stream, ShardToSplit = parent.ShardId, NewStartingHashKey = key.ToString() }, cancellationToken).ConfigureAwait(false);
            await Children.WriteAsync(
                client, stream, result.Get(wait), shell, child => child.ParentShardId == parent.ShardId, $"{parent.ShardId} is being split.", cancellationToken).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    /// <summary>The key that parts a range in two halves; of an odd number of keys the upper half has one more.</summary>
    internal static HashKey Middle(Model.HashKeyRange range) => new(range.Start.Value + ((range.End.Value - range.Start.Value) / 2) + 1);
}
