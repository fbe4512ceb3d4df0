namespace Weir.Oracle;

/// <summary>
/// The order in which members are judged: copied by hand from the table in spec section 3.2, with StreamARN and StreamId after
/// StreamName where the operation has them, and everything that the table does not name after that in the model's order.
/// </summary>
internal static class MemberOrders
{
    private const string Table = """
        AddTagsToStreamInput: tags, streamName
        CreateStreamInput: shardCount, streamName
        DecreaseStreamRetentionPeriodInput: retentionPeriodHours, streamName
        IncreaseStreamRetentionPeriodInput: retentionPeriodHours, streamName
        DeleteStreamInput: streamName
        DescribeStreamSummaryInput: streamName
        DescribeStreamInput: limit, exclusiveStartShardId, streamName
        GetRecordsInput: limit, shardIterator
        GetShardIteratorInput: shardId, shardIteratorType, startingSequenceNumber, streamName
        ListShardsInput: maxResults, exclusiveStartShardId, streamName, nextToken
        ListStreamsInput: limit, exclusiveStartStreamName
        ListTagsForStreamInput: limit, exclusiveStartTagKey, streamName
        MergeShardsInput: shardToMerge, adjacentShardToMerge, streamName
        PutRecordInput: sequenceNumberForOrdering, partitionKey, explicitHashKey, data, streamName
        PutRecordsInput: records, streamName
        PutRecordsRequestEntry: partitionKey, explicitHashKey, data
        RemoveTagsFromStreamInput: tagKeys, streamName
        SplitShardInput: newStartingHashKey, streamName, shardToSplit
        """;

    private static readonly Dictionary<string, string> Recorded =
        Table.Split('\n').Select(line => line.Split(": ")).ToDictionary(parts => parts[0], parts => parts[1].TrimEnd());

    /// <summary>The members of a structure in the order of judgement.</summary>
    public static IEnumerable<ModelMember> Of(ModelShape structure)
    {
        if (!Recorded.TryGetValue(structure.Name, out var row))
            return structure.Members;
        var order = row.Replace("streamName", "streamName, streamARN, streamId", StringComparison.Ordinal).Split(", ").ToList();
        // A row without a stream's name: the address comes last of what was recorded.
        if (!order.Contains("streamName"))
            order.AddRange(["streamARN", "streamId"]);
        return structure.Members.OrderBy(member => order.IndexOf(member.Path) is >= 0 and var place ? place : int.MaxValue);
    }

    /// <summary>The values of an enum as production prints them: only the iterator types are not in the model's order.</summary>
    public static IEnumerable<string> Printed(ModelShape shape) => shape.Name == "ShardIteratorType"
        ? ["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"]
        : shape.Enum;
}
