using Weir.Protocol;

namespace Weir.Client.Tests.Peers;

/// <summary>The client before kinesalite, unchanged.</summary>
public sealed class KinesaliteTests(Kinesalite server) : PeerServerTests(server), IClassFixture<Kinesalite>
{
    // It has what the API had in 2018: fan-out, encryption, scaling and everything later is missing.
    private static readonly string[] Known =
    [
        "AddTagsToStream", "CreateStream", "DecreaseStreamRetentionPeriod", "DeleteStream", "DescribeStream", "DescribeStreamSummary", "GetRecords",
        "GetShardIterator", "IncreaseStreamRetentionPeriod", "ListShards", "ListStreams", "ListTagsForStream", "MergeShards", "PutRecord", "PutRecords",
        "RemoveTagsFromStream", "SplitShard",
    ];

    protected override IEnumerable<KinesisOperation> Unknown => KinesisOperation.All.Where(operation => !Known.Contains(operation.Name));

    protected override string UnknownCode => "UnknownOperationException";

    // It knows no MaxResults, and answers with all.
    protected override bool ListsShardsInPages => false;

    // It takes the bytes, but gives back the innards of a Node.js buffer; times it refuses. What is put in JSON it gives in CBOR as base64 text.
    protected override bool TakesBytesAndTimesInCbor => false;
}
