namespace Weir.Producer.Shards;

/// <summary>What the service said of the stream.</summary>
/// <param name="Shards">The open shards.</param>
/// <param name="Closed">Closed shards, if somebody had to know about one of them.</param>
/// <param name="AskedAt">When it was asked.</param>
/// <param name="MaxRecordBytes">Bytes of data and key that a record may have; null when the service did not say.</param>
internal sealed record ShardListing(
    IReadOnlyList<KnownShard> Shards, IReadOnlyList<KnownShard> Closed, TimeSpan AskedAt, int? MaxRecordBytes);
