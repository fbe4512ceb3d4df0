using System.Globalization;
using Weir.Client;
using Weir.Model;
using Weir.Protocol.Messages;
using HashKeyRange = Weir.Model.HashKeyRange;

namespace Weir.Cli.Commands.Streams;

/// <summary>What the commands ask about a stream, page by page or again and again.</summary>
internal static class StreamState
{
    // The service allows ten DescribeStreamSummary a second; a change takes milliseconds on Weir and many seconds on AWS.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>The stream without its shards.</summary>
    public static async Task<StreamDescriptionSummary> SummaryAsync(KinesisClient client, string stream, CancellationToken cancellationToken)
    {
        var response = await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, cancellationToken).ConfigureAwait(false);
        return response.StreamDescriptionSummary ?? throw new CommandFailure($"{client.Endpoint} described no stream.");
    }

    /// <summary>All shards that the filter takes, in order of their ids.</summary>
    public static async Task<List<Shard>> ShardsAsync(KinesisClient client, string stream, ShardFilter? filter, CancellationToken cancellationToken)
    {
        var shards = new List<Shard>();
        var request = new ListShardsRequest { StreamName = stream, ShardFilter = filter };
        while (true)
        {
            var page = await client.ListShardsAsync(request, cancellationToken).ConfigureAwait(false);
            shards.AddRange(page.Shards ?? []);
            if (string.IsNullOrEmpty(page.NextToken))
                return shards;
            request = new ListShardsRequest { NextToken = page.NextToken };
        }
    }

    /// <summary>Waits until the stream is ACTIVE.</summary>
    public static async Task<StreamDescriptionSummary> ActiveAsync(KinesisClient client, string stream, Shell shell, CancellationToken cancellationToken)
    {
        while (true)
        {
            var summary = await SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            if (summary.StreamStatus == StreamStatuses.Active)
                return summary;
            if (summary.StreamStatus == StreamStatuses.Deleting)
                throw new CommandFailure($"Stream {stream} is being deleted.");
            await Task.Delay(PollInterval, shell.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until there is no such stream.</summary>
    public static async Task GoneAsync(KinesisClient client, string stream, Shell shell, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            }
            catch (KinesisResourceNotFoundException)
            {
                return;
            }

            await Task.Delay(PollInterval, shell.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The shard of that id in any of the forms that the service takes: <c>shardId-000000000003</c>, <c>shardId-3</c>, <c>3</c>.</summary>
    public static async Task<Shard> ShardAsync(KinesisClient client, string stream, string id, CancellationToken cancellationToken)
    {
        if (!ShardId.TryNormalize(id, out var wanted))
            throw new CommandFailure($"'{id}' names no shard: expected shardId-000000000003, shardId-3 or 3.");
        var shards = await ShardsAsync(client, stream, filter: null, cancellationToken).ConfigureAwait(false);
        return shards.Find(shard => shard.ShardId == wanted.ToString()) ?? throw new CommandFailure($"Stream {stream} has no {wanted}.");
    }

    /// <summary>A shard's range as a value.</summary>
    public static HashKeyRange Range(Shard shard) =>
        HashKey.TryParse(shard.HashKeyRange?.StartingHashKey ?? "", out var start) && HashKey.TryParse(shard.HashKeyRange?.EndingHashKey ?? "", out var end)
            ? new HashKeyRange(start, end)
            : throw new CommandFailure($"The server gave {shard.ShardId} no range of hash keys.");

    /// <summary>Whether it takes records.</summary>
    public static bool IsOpen(Shard shard) => shard.SequenceNumberRange?.EndingSequenceNumber is null;

    /// <summary><c>1 shard</c>, <c>2 shards</c>.</summary>
    public static string Shards(int count) => count == 1 ? "1 shard" : string.Create(CultureInfo.InvariantCulture, $"{count} shards");
}
