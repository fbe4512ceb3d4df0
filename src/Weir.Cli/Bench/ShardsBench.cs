using System.Globalization;
using Weir.Client;
using Weir.Model;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench;

/// <summary>
/// Measures what many streams and shards cost that nobody uses: two servers of their own, one with a single shard and one full, are
/// filled, started again, and asked the same things in turns.
/// </summary>
internal sealed class ShardsBench(Shell shell, int streams, int shards, int samples)
{
    /// <summary>The stream with one shard that both servers have.</summary>
    private const string Single = "single";

    /// <summary>The stream of the full server that fills a page of ListShards.</summary>
    private const string Wide = "wide";

    private const int StartRounds = 5;

    /// <summary>The calls, in the order in which they are reported.</summary>
    public static readonly string[] Calls = ["PutRecord", "DescribeStream", "ListShards", "ListShards, full page", "ListStreams"];

    /// <summary>What is done now, for a line of progress.</summary>
    public string Progress { get; private set; } = "starting";

    /// <summary>Measures both servers.</summary>
    public async Task<(ServerSample Small, ServerSample Full)> RunAsync()
    {
        using var small = await ChildServer.StartWeirAsync("fsync", shell).ConfigureAwait(false);
        using var full = await ChildServer.StartWeirAsync("fsync", shell).ConfigureAwait(false);
        using (var client = Connect(small))
            await CreateAsync(client, Single, 1).ConfigureAwait(false);
        using (var client = Connect(full))
            await FillAsync(client).ConfigureAwait(false);
        var (smallStarts, fullStarts) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 1; round <= StartRounds; round++)
        {
            Progress = $"start {round.ToString(CultureInfo.InvariantCulture)} of {StartRounds.ToString(CultureInfo.InvariantCulture)}";
            smallStarts.Add(await small.RestartAsync(shell).ConfigureAwait(false));
            fullStarts.Add(await full.RestartAsync(shell).ConfigureAwait(false));
        }

        var (smallBytes, fullBytes) = (small.ResidentBytes, full.ResidentBytes);
        var (smallCalls, fullCalls) = await AskAsync(small, full).ConfigureAwait(false);
        return (new ServerSample(1, 1, smallBytes, smallStarts, smallCalls), new ServerSample(streams, shards, fullBytes, fullStarts, fullCalls));
    }

    // One stream fills a page of ListShards, one has a single shard; the others share what is left.
    private async Task FillAsync(KinesisClient client)
    {
        var wide = Math.Min(KinesisLimits.MaxListShardsPage, Math.Max(1, shards - (streams - 1)));
        await CreateAsync(client, Single, 1).ConfigureAwait(false);
        await CreateAsync(client, Wide, wide).ConfigureAwait(false);
        var left = shards - 1 - wide;
        for (var number = 2; number < streams; number++)
        {
            Progress = $"filling: stream {number.ToString(CultureInfo.InvariantCulture)} of {streams.ToString(CultureInfo.InvariantCulture)}";
            var share = left / (streams - number);
            await CreateAsync(client, $"stream-{number.ToString("D5", CultureInfo.InvariantCulture)}", share).ConfigureAwait(false);
            left -= share;
        }
    }

    private async Task CreateAsync(KinesisClient client, string name, int count) =>
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = name, ShardCount = count }, shell.Interrupted).ConfigureAwait(false);

    private async Task<(IReadOnlyDictionary<string, LatencyHistogram> Small, IReadOnlyDictionary<string, LatencyHistogram> Full)> AskAsync(
        ChildServer small, ChildServer full)
    {
        using var smallClient = Connect(small);
        using var fullClient = Connect(full);
        var measured = (Small: Calls.ToDictionary(call => call, _ => new LatencyHistogram()), Full: Calls.ToDictionary(call => call, _ => new LatencyHistogram()));
        foreach (var call in Calls)
        {
            Progress = $"asking: {call}";
            // The first calls are for the compilers and the connection.
            var warmup = Math.Max(20, samples / 10);
            for (var i = -warmup; i < samples; i++)
            {
                await AskAsync(smallClient, call, Single, i < 0 ? null : measured.Small[call]).ConfigureAwait(false);
                await AskAsync(fullClient, call, Wide, i < 0 ? null : measured.Full[call]).ConfigureAwait(false);
            }
        }

        return measured;
    }

    private async Task AskAsync(KinesisClient client, string call, string widest, LatencyHistogram? latencies)
    {
        var began = shell.Time.GetTimestamp();
        await (call switch
        {
            "PutRecord" => client.PutRecordAsync(new PutRecordRequest { StreamName = Single, PartitionKey = "key", Data = new byte[100] }, shell.Interrupted) as Task,
            "DescribeStream" => client.DescribeStreamAsync(new DescribeStreamRequest { StreamName = Single }, shell.Interrupted),
            "ListShards" => client.ListShardsAsync(new ListShardsRequest { StreamName = Single }, shell.Interrupted),
            "ListShards, full page" => client.ListShardsAsync(new ListShardsRequest { StreamName = widest }, shell.Interrupted),
            _ => client.ListStreamsAsync(new ListStreamsRequest(), shell.Interrupted),
        }).ConfigureAwait(false);
        latencies?.Add(shell.Time.GetElapsedTime(began));
    }

    private KinesisClient Connect(ChildServer server) => new(new KinesisClientOptions { Endpoint = server.Endpoint, TimeProvider = shell.Time });
}
