using System.CommandLine;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench scan</c>: reads a stream from its oldest record on, again and again, until it is killed. Started by <c>weir bench fairness</c>.</summary>
internal static class ScanLoadCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var stream = Options.Value("--stream", "NAME", "The stream.", Options.Text, "flood", shell);
        var readers = Options.Value("--readers", "N", "How many read at the same time, each the shards of its own.", Options.Integer(1, 1000), 4, shell);
        var command = new Command("scan") { stream, readers };
        command.Hidden = true;
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            shell.ListenToSignals();
            using var client = new KinesisClient(new KinesisClientOptions { Endpoint = connection.Endpoint(result), TimeProvider = shell.Time });
            var shards = (await client.ListShardsAsync(new ListShardsRequest { StreamName = result.Get(stream) }, shell.Interrupted).ConfigureAwait(false)).Shards!
                .Select(shard => shard.ShardId!).ToList();
            await Task.WhenAll(Enumerable.Range(0, result.Get(readers)).Select(number => ScanAsync(number))).ConfigureAwait(false);
            return CommandLine.Success;

            async Task ScanAsync(int number)
            {
                for (var shard = number; ; shard = (shard + result.Get(readers)) % shards.Count)
                    await ScanShardAsync(client, result.Get(stream), shards[shard % shards.Count], shell.Interrupted).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static async Task ScanShardAsync(KinesisClient client, string stream, string shard, CancellationToken cancellationToken)
    {
        var start = await client.GetShardIteratorAsync(
            new GetShardIteratorRequest { StreamName = stream, ShardId = shard, ShardIteratorType = "TRIM_HORIZON" }, cancellationToken).ConfigureAwait(false);
        var iterator = start.ShardIterator;
        while (iterator is not null)
        {
            var page = await client.GetRecordsAsync(new GetRecordsRequest { ShardIterator = iterator }, cancellationToken).ConfigureAwait(false);
            if (page.MillisBehindLatest == 0)
                return;
            iterator = page.NextShardIterator;
        }
    }
}
