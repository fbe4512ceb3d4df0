using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>Reads all shards of a stream in parallel, one reader each. The children of a reshard start when all their parents are read to the end.</summary>
internal sealed class DemoConsumer(KinesisClient client, string streamName, RecordProcessing processing, DemoFigures figures, TimeProvider time)
{
    // Belong to the loop of RunAsync.
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<string> _finished = new(StringComparer.Ordinal);
    private readonly List<Task<ShardEnd>> _readers = [];

    /// <summary>Reads until nothing more can come.</summary>
    /// <param name="lastRecord">Completes when no record will be put and no shard will be split any more.</param>
    /// <param name="cancellationToken">Ends the readers.</param>
    public async Task RunAsync(Task lastRecord, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            foreach (var shard in await StreamShards.ListAsync(client, streamName, stop.Token).ConfigureAwait(false))
                Begin(shard.ShardId!, lastRecord, stop.Token);
            while (_readers.Count > 0)
            {
                var ended = await Task.WhenAny(_readers).ConfigureAwait(false);
                _readers.Remove(ended);
                var end = await ended.ConfigureAwait(false);
                _finished.Add(end.ShardId);
                foreach (var child in end.Children.Where(MayBegin))
                    Begin(child.ShardId!, lastRecord, stop.Token);
            }

            figures.AllRead();
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll((IEnumerable<Task>)_readers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool MayBegin(ChildShard child) => !_begun.Contains(child.ShardId!) && child.ParentShards!.All(_finished.Contains);

    private void Begin(string shardId, Task lastRecord, CancellationToken cancellationToken)
    {
        _begun.Add(shardId);
        figures.Reading(shardId);
        _readers.Add(new DemoShardReader(client, streamName, shardId, processing, figures, time).RunAsync(lastRecord, cancellationToken));
    }
}
