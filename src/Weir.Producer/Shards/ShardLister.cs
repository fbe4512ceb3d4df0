using Weir.Client;
using Weir.Model;
using Weir.Protocol.Messages;
using HashKeyRange = Weir.Model.HashKeyRange;

namespace Weir.Producer.Shards;

/// <summary>Asks the service for the open shards, and for what a record may have.</summary>
internal sealed class ShardLister(KinesisClient client, string stream)
{
    /// <param name="wanted">Shards whose ranges somebody has to know, open or not.</param>
    /// <param name="asksLimit">Whether it asks for the size of records as well.</param>
    /// <param name="askedAt">The time.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="KinesisException">The service refused, or could not be reached.</exception>
    /// <exception cref="InvalidDataException">What it answered is no list of shards.</exception>
    public async Task<ShardListing> ListAsync(IReadOnlySet<string> wanted, bool asksLimit, TimeSpan askedAt, CancellationToken cancellationToken)
    {
        // A server that does not know the filter names closed shards too.
        var (open, closed) = await ListAsync(new ShardFilter { Type = ShardFilterTypes.AtLatest }, cancellationToken).ConfigureAwait(false);
        if (open.Count == 0)
            throw new InvalidDataException($"The service names no open shard of {stream}.");
        if (wanted.Except(open.Concat(closed).Select(shard => shard.Id)).Any())
            closed = (await ListAsync(filter: null, cancellationToken).ConfigureAwait(false)).Closed;
        return new ShardListing(open, closed, askedAt, asksLimit ? await MaxRecordBytesAsync(cancellationToken).ConfigureAwait(false) : null);
    }

    private async Task<(List<KnownShard> Open, List<KnownShard> Closed)> ListAsync(ShardFilter? filter, CancellationToken cancellationToken)
    {
        var (open, closed) = (new List<KnownShard>(), new List<KnownShard>());
        var request = new ListShardsRequest { StreamName = stream, ShardFilter = filter };
        while (true)
        {
            var page = await client.ListShardsAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var shard in page.Shards ?? [])
                (shard.SequenceNumberRange?.EndingSequenceNumber is null ? open : closed).Add(Read(shard));
            if (page.NextToken is not { Length: > 0 } token)
                return (open, closed);
            request = new ListShardsRequest { NextToken = token };
        }
    }

    // Who may only put is not told; then the service has the last word on each record.
    private async Task<int?> MaxRecordBytesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var summary = await client.DescribeStreamSummaryAsync(
                new DescribeStreamSummaryRequest { StreamName = stream }, cancellationToken).ConfigureAwait(false);
            return (summary.StreamDescriptionSummary?.MaxRecordSizeInKiB ?? KinesisLimits.MinMaxRecordSizeInKiB) * 1024;
        }
        catch (KinesisException)
        {
            // Not worth failing for: only the early refusal of records that are too large goes with it.
            return null;
        }
    }

    private static KnownShard Read(Shard shard)
    {
        if (shard.ShardId is { } id && HashKey.TryParse(shard.HashKeyRange?.StartingHashKey, out var start)
            && HashKey.TryParse(shard.HashKeyRange?.EndingHashKey, out var end) && start <= end)
            return new KnownShard(id, new HashKeyRange(start, end));
        throw new InvalidDataException($"The service names a shard '{shard.ShardId}' without a range of hash keys.");
    }
}
