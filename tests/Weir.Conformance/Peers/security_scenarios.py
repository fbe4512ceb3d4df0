"""What a real client meets at a server that verifies signatures. The scenarios are as those of `scenarios`."""

from steps import ACCOUNT, create, expect, fresh_name, iterator, read, saw


def signed(client):
    """A server that verifies signatures carries out what is signed well: control and data, small bodies and a large one."""
    stream = fresh_name("signed")
    shard = create(client, stream, 1)["Shards"][0]["ShardId"]
    data = [b"", "\u20ac".encode("utf-8"), bytes(range(256)) * 2000]
    for item in data:
        client.call("PutRecord", StreamName=stream, PartitionKey="k \u20ac", Data=item)
    got, _, _ = read(client, iterator(client, stream, shard, "TRIM_HORIZON"))
    expect("the records", data, [record["Data"] for record in got])
    saw(f"{len(got)} records, the largest of {len(data[-1])} bytes")
    client.call("DeleteStream", StreamName=stream)


def wrong_secret(client):
    """A signature with another secret."""
    message = client.refused("InvalidSignatureException", "ListStreams")
    expect("the text", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
           "Key and signing method. Consult the service documentation for details.", message)
    saw(message)


def unknown_key(client):
    """An access key that nobody has."""
    expect("the text", "The security token included in the request is invalid.", client.refused("UnrecognizedClientException", "ListStreams"))
    saw("refused")


def read_only(client, stream):
    """A key that may read one stream reads that one, writes nowhere, and sees no other."""
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"
    shard = client.call("DescribeStream", StreamName=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    read(client, iterator(client, stream, shard, "TRIM_HORIZON"))
    for operation, resource, members in (
            ("PutRecord", arn, {"StreamName": stream, "PartitionKey": "k", "Data": b"x"}),
            ("DeleteStream", arn, {"StreamName": stream}),
            ("DescribeStream", arn + "-other", {"StreamName": stream + "-other"}),
            ("ListStreams", "*", {})):
        expect(f"the text for {operation}",
               f"User: arn:aws:iam::{ACCOUNT}:user/reader is not authorized to perform: kinesis:{operation} on resource: {resource} "
               f"because no identity-based policy allows the kinesis:{operation} action",
               client.refused("AccessDeniedException", operation, **members))
    saw("reads, and nothing else")


ALL = (signed, wrong_secret, unknown_key, read_only)
