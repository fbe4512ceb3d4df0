using System.CommandLine;
using Weir.Cli.Bench.CatchUp;
using Weir.Client;
using Weir.Protocol.Messages;
using Weir.Protocol.Wire;

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
            // Read as "weir bench get" reads: a client that looks at every record would be what limits a scan.
            var lap = new CatchUpLap(client.Endpoint, WireCodec.Json, client.Region, result.Get(readers), shell.Time);
            while (!shell.Interrupted.IsCancellationRequested)
                await lap.RunAsync(await Task.WhenAll(shards.Select(StartAsync)).ConfigureAwait(false), count: false, shell.Interrupted).ConfigureAwait(false);
            return CommandLine.Success;

            async Task<string> StartAsync(string shard) => (await client.GetShardIteratorAsync(
                new GetShardIteratorRequest { StreamName = result.Get(stream), ShardId = shard, ShardIteratorType = "TRIM_HORIZON" }, shell.Interrupted).ConfigureAwait(false)).ShardIterator!;
        });
        return command;
    }
}
