namespace Weir.ModelGenerator;

/// <summary>What each operation does, in a sentence: the model has no words of its own.</summary>
internal static class OperationSummaries
{
    private static readonly Dictionary<string, string> Sentences = new(StringComparer.Ordinal)
    {
        ["AddTagsToStream"] = "Adds tags to a stream, or changes their values.",
        ["CreateChannel"] = "Begins to create a channel, which delivers a stream's records to a store.",
        ["CreateStream"] = "Begins to create a stream; it is there once its status is ACTIVE.",
        ["DecreaseStreamRetentionPeriod"] = "Shortens how long a stream keeps its records; older ones are gone soon.",
        ["DeleteChannel"] = "Begins to delete a channel.",
        ["DeleteResourcePolicy"] = "Takes a stream's or consumer's resource policy away.",
        ["DeleteStream"] = "Begins to delete a stream; it is gone once describing it is refused.",
        ["DeregisterStreamConsumer"] = "Begins to deregister a consumer; its subscriptions end.",
        ["DescribeAccountSettings"] = "Describes the settings of the account in the region.",
        ["DescribeChannel"] = "Describes a channel.",
        ["DescribeLimits"] = "Says how many shards and on-demand streams the account has and may have.",
        ["DescribeStream"] = "Describes a stream with a page of its shards.",
        ["DescribeStreamConsumer"] = "Describes a consumer.",
        ["DescribeStreamSummary"] = "Describes a stream without its shards.",
        ["DisableEnhancedMonitoring"] = "Ends metrics by shard.",
        ["EnableEnhancedMonitoring"] = "Begins metrics by shard.",
        ["GetRecords"] = "Reads up to 10,000 records or 10 MiB, and the position after them.",
        ["GetResourcePolicy"] = "Reads a stream's or consumer's resource policy.",
        ["GetShardIterator"] = "Gets a position to read from, valid for five minutes.",
        ["IncreaseStreamRetentionPeriod"] = "Lengthens how long a stream keeps its records.",
        ["ListChannels"] = "Lists channels, a page at a time.",
        ["ListShards"] = "Lists a stream's shards, a page at a time.",
        ["ListStreamConsumers"] = "Lists a stream's consumers, a page at a time.",
        ["ListStreams"] = "Lists the streams of the account and region, a page at a time.",
        ["ListTagsForResource"] = "Lists the tags of a stream or consumer.",
        ["ListTagsForStream"] = "Lists the tags of a stream, a page at a time.",
        ["MergeShards"] = "Begins to merge two adjacent shards.",
        ["PutRecord"] = "Writes one record.",
        ["PutRecords"] = "Writes up to 500 records. <b>Each can fail for itself</b>: look at every entry of the response.",
        ["PutResourcePolicy"] = "Gives a stream or consumer a resource policy.",
        ["RegisterStreamConsumer"] = "Begins to register a consumer; it may subscribe once its status is ACTIVE.",
        ["RemoveTagsFromStream"] = "Takes tags from a stream.",
        ["SplitShard"] = "Begins to split a shard in two.",
        ["StartStreamEncryption"] = "Begins to encrypt the records that are put from then on.",
        ["StopStreamEncryption"] = "Ends the encryption of the records that are put from then on.",
        ["TagResource"] = "Adds tags to a stream or consumer, or changes their values.",
        ["UntagResource"] = "Takes tags from a stream or consumer.",
        ["UpdateAccountSettings"] = "Changes the settings of the account in the region.",
        ["UpdateChannel"] = "Begins to change a channel.",
        ["UpdateMaxRecordSize"] = "Changes how large a stream's records may be.",
        ["UpdateShardCount"] = "Begins to split and merge until the stream has that many open shards.",
        ["UpdateStreamMode"] = "Begins to change a stream between provisioned and on-demand.",
        ["UpdateStreamRecordDistributionStrategy"] = "Changes how a stream spreads records over its shards.",
        ["UpdateStreamWarmThroughput"] = "Begins to warm an on-demand stream up for a throughput.",
    };

    /// <summary>The sentence.</summary>
    /// <exception cref="NotSupportedException">The model has an operation that has none yet.</exception>
    public static string Of(string operation) => Sentences.TryGetValue(operation, out var sentence)
        ? sentence
        : throw new NotSupportedException($"{nameof(OperationSummaries)} has no sentence for {operation}: write one.");
}
