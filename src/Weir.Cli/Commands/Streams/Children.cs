using Weir.Cli.Output;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Streams;

/// <summary>What a split or a merge answers: the new shards, or that they will come.</summary>
internal static class Children
{
    /// <summary>Waits if that was asked for, and writes a line per child, or one line if they are not there yet.</summary>
    public static async Task WriteAsync(
        KinesisClient client, string stream, bool wait, Shell shell, Predicate<Shard> isChild, string meanwhile, CancellationToken cancellationToken)
    {
        if (wait)
            await StreamState.ActiveAsync(client, stream, shell, cancellationToken).ConfigureAwait(false);
        var shards = await StreamState.ShardsAsync(client, stream, filter: null, cancellationToken).ConfigureAwait(false);
        var children = shards.FindAll(isChild);
        if (children.Count == 0)
        {
            shell.OutText.WriteLine(meanwhile);
            return;
        }

        foreach (var child in children)
            shell.OutText.WriteLine($"{child.ShardId}  {Figures.Share(StreamState.Range(child))}");
    }
}
