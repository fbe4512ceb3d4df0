using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Demo;

/// <summary>The shards of a stream, and waiting until it is ready.</summary>
internal static class StreamShards
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>All shards that can be read, closed ones too.</summary>
    public static async Task<IReadOnlyList<Shard>> ListAsync(KinesisClient client, string streamName, CancellationToken cancellationToken)
    {
        var shards = new List<Shard>();
        var request = new ListShardsRequest { StreamName = streamName };
        while (true)
        {
            var page = await client.ListShardsAsync(request, cancellationToken).ConfigureAwait(false);
            shards.AddRange(page.Shards!);
            if (page.NextToken is null)
                return shards;
            request = new ListShardsRequest { NextToken = page.NextToken };
        }
    }

    /// <summary>Waits until a stream is neither being created nor resharded.</summary>
    public static async Task WaitUntilActiveAsync(KinesisClient client, string streamName, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await client.DescribeStreamSummaryAsync(
                new DescribeStreamSummaryRequest { StreamName = streamName }, cancellationToken).ConfigureAwait(false);
            if (answer.StreamDescriptionSummary!.StreamStatus == StreamStatuses.Active)
                return;
            await Task.Delay(LookAgain, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
