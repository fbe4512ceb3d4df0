using System.Collections.Concurrent;

namespace Weir.Protocol.Validation;

/// <summary>
/// The order in which validation reports members and prints enums, where that is not the model's (spec section 3.2).
/// </summary>
/// <remarks>
/// The service walks a Java hash map, so the orders below are recordings, not rules. They are older than StreamARN and StreamId,
/// which are put after StreamName; members that came later follow in the model's order.
/// </remarks>
internal static class MemberOrder
{
    private static readonly Dictionary<string, string[]> Recorded = new(StringComparer.Ordinal)
    {
        ["AddTagsToStreamInput"] = ["tags", "streamName"],
        ["CreateStreamInput"] = ["shardCount", "streamName"],
        ["DecreaseStreamRetentionPeriodInput"] = ["retentionPeriodHours", "streamName"],
        ["IncreaseStreamRetentionPeriodInput"] = ["retentionPeriodHours", "streamName"],
        ["DeleteStreamInput"] = ["streamName"],
        ["DescribeStreamSummaryInput"] = ["streamName"],
        ["DescribeStreamInput"] = ["limit", "exclusiveStartShardId", "streamName"],
        ["GetRecordsInput"] = ["limit", "shardIterator"],
        ["GetShardIteratorInput"] = ["shardId", "shardIteratorType", "startingSequenceNumber", "streamName"],
        ["ListShardsInput"] = ["maxResults", "exclusiveStartShardId", "streamName", "nextToken"],
        ["ListStreamsInput"] = ["limit", "exclusiveStartStreamName"],
        ["ListTagsForStreamInput"] = ["limit", "exclusiveStartTagKey", "streamName"],
        ["MergeShardsInput"] = ["shardToMerge", "adjacentShardToMerge", "streamName"],
        ["PutRecordInput"] = ["sequenceNumberForOrdering", "partitionKey", "explicitHashKey", "data", "streamName"],
        ["PutRecordsInput"] = ["records", "streamName"],
        ["PutRecordsRequestEntry"] = ["partitionKey", "explicitHashKey", "data"],
        ["RemoveTagsFromStreamInput"] = ["tagKeys", "streamName"],
        ["SplitShardInput"] = ["newStartingHashKey", "streamName", "shardToSplit"],
    };

    private static readonly string[] IteratorTypesAsPrinted =
        ["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"];

    private static readonly ConcurrentDictionary<Shape, ShapeMember[]> Ordered = new();

    /// <summary>A structure's members in the order of validation.</summary>
    public static ShapeMember[] Of(Shape structure) => Ordered.GetOrAdd(structure, Arrange);

    /// <summary>An enum's texts in the order in which the service prints them.</summary>
    public static IReadOnlyList<string> EnumValues(Shape shape) =>
        shape.Name == "ShardIteratorType" ? IteratorTypesAsPrinted : shape.EnumValues;

    private static ShapeMember[] Arrange(Shape structure)
    {
        if (!Recorded.TryGetValue(structure.Name, out var recorded))
            return [.. structure.Members];
        var paths = recorded.ToList();
        var name = paths.IndexOf("streamName");
        paths.InsertRange(name < 0 ? paths.Count : name + 1, ["streamARN", "streamId"]);
        // A structure need not have all that the rule about streams would put in.
        var first = paths.SelectMany(path => structure.Members.Where(member => member.Path == path)).ToList();
        return [.. first, .. structure.Members.Except(first)];
    }
}
