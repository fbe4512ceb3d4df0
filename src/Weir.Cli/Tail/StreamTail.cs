using System.Threading.Channels;
using Weir.Cli.Commands.Streams;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tail;

/// <summary>Reads a stream's shards in parallel, and follows them to their children.</summary>
internal sealed class StreamTail(TailContext context, StartPosition from)
{
    private readonly ShardOrder _order = new();
    private readonly HashSet<string> _initial = new(StringComparer.Ordinal);

    // Shards whose reading ended, with its outcome. Holds at most one entry per shard that is being read.
    private readonly Channel<(ShardTail Tail, Task<ShardTailEnd> Outcome)> _ended = Channel.CreateUnbounded<(ShardTail, Task<ShardTailEnd>)>();

    /// <summary>Reads all shards until everything is read, or without end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var shards = await StreamState.ShardsAsync(context.Client, context.Stream, from.Filter, cancellationToken).ConfigureAwait(false);
        // Servers that know no filter list closed shards too; from LATEST on there is nothing in them.
        foreach (var shard in shards.Where(shard => from != StartPosition.Latest || StreamState.IsOpen(shard)))
        {
            _initial.Add(shard.ShardId!);
            _order.Add(shard.ShardId!, Parents(shard));
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new HashSet<Task>();
        try
        {
            Start(running, stop.Token);
            while (running.Count > 0)
            {
                var (tail, outcome) = await _ended.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                running.Remove(outcome);
                var end = await outcome.ConfigureAwait(false);
                if (end == ShardTailEnd.Enough)
                    return;
                if (end == ShardTailEnd.ShardClosed)
                    await FinishAsync(tail, cancellationToken).ConfigureAwait(false);
                Start(running, stop.Token);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Start(HashSet<Task> running, CancellationToken cancellationToken)
    {
        foreach (var shard in _order.TakeReady())
        {
            // A child that came up while we read holds nothing but what came after.
            var tail = new ShardTail(context, shard, _initial.Contains(shard) ? from : StartPosition.TrimHorizon);
            var outcome = tail.RunAsync(cancellationToken);
            running.Add(outcome);
            _ = outcome.ContinueWith(
                task => _ended.Writer.TryWrite((tail, (Task<ShardTailEnd>)task)),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    private async Task FinishAsync(ShardTail tail, CancellationToken cancellationToken)
    {
        _order.Finish(tail.Shard);
        foreach (var child in tail.Children)
            _order.Add(child.ShardId!, child.ParentShards ?? [tail.Shard]);
        if (tail.Children.Count > 0)
            return;
        // Servers before 2020 name no children at a shard's end.
        var shards = await StreamState.ShardsAsync(context.Client, context.Stream, filter: null, cancellationToken).ConfigureAwait(false);
        foreach (var shard in shards.Where(shard => Parents(shard).Contains(tail.Shard)))
            _order.Add(shard.ShardId!, Parents(shard));
    }

    private static IEnumerable<string> Parents(Shard shard) => new[] { shard.ParentShardId, shard.AdjacentParentShardId }.OfType<string>();
}
