using System.CommandLine;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream merge</c>.</summary>
internal static class MergeShardsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var shard = new Argument<string>("shard") { Description = "The one shard's id, or its number." };
        var adjacent = new Argument<string>("adjacent") { Description = "The id or number of a shard next to it." };
        var wait = StreamCommand.Wait(shell, "the child is there");
        var command = new Command("merge", "Merge two adjacent shards.") { name, shard, adjacent, wait };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var client = connection.Open(result);
            var stream = result.GetRequiredValue(name);
            var one = await StreamState.ShardAsync(client, stream, result.GetRequiredValue(shard), cancellationToken).ConfigureAwait(false);
            var other = await StreamState.ShardAsync(client, stream, result.GetRequiredValue(adjacent), cancellationToken).ConfigureAwait(false);
            // The service wants the lower one first; to a person the two are neighbours either way.
            var (lower, upper) = StreamState.Range(one).Start <= StreamState.Range(other).Start ? (one, other) : (other, one);
            await client.MergeShardsAsync(
                new MergeShardsRequest { StreamName = stream, ShardToMerge = lower.ShardId, AdjacentShardToMerge = upper.ShardId }, cancellationToken).ConfigureAwait(false);
            await Children.WriteAsync(
                client,
                stream,
                result.Get(wait),
                shell,
                child => child.ParentShardId == lower.ShardId,
                $"{lower.ShardId} and {upper.ShardId} are being merged.",
                cancellationToken).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }
}
