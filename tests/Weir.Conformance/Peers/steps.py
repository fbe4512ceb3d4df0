"""Small steps that every scenario of the Python clients takes, and how a difference is told."""


import hashlib
import time
import uuid

ACCOUNT = "000000000000"
HASH_KEYS = 2 ** 128
MIDDLE = HASH_KEYS // 2
PATIENCE_SECONDS = 60


class Difference(Exception):
    """The server did something else than expected."""


def expect(what, expected, actual):
    if expected == actual:
        return
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) + len(actual) > 8:
        # Of long lists the first place where they part says more than both in full.
        at = next((i for i, (e, a) in enumerate(zip(expected, actual)) if e != a), min(len(expected), len(actual)))
        what += f" ({len(expected)} expected, {len(actual)} came, first difference at {at})"
        expected, actual = expected[at:at + 1], actual[at:at + 1]
    raise Difference(f"{what}\n  expected: {expected!r}\n  actual:   {actual!r}")


def expect_true(what, condition, actual=None):
    if not condition:
        raise Difference(f"{what}\n  actual: {actual!r}")


def saw(text):
    print(text, flush=True)


def fresh_name(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def create(client, name, shards):
    client.call("CreateStream", StreamName=name, ShardCount=shards)
    return until_active(client, name)


def until_active(client, name):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        description = client.call("DescribeStream", StreamName=name)["StreamDescription"]
        if description["StreamStatus"] == "ACTIVE":
            return description
        expect_true(f"{name} becomes ACTIVE in {PATIENCE_SECONDS} s", time.monotonic() < deadline, description["StreamStatus"])
        time.sleep(0.1)


def hash_key(partition_key):
    return int.from_bytes(hashlib.md5(partition_key.encode("utf-8")).digest(), "big")


def shard_for(shards, key):
    """The open shard whose range, inclusive at both ends, holds the hash key."""
    for shard in shards:
        range_ = shard["HashKeyRange"]
        if int(range_["StartingHashKey"]) <= key <= int(range_["EndingHashKey"]):
            if "EndingSequenceNumber" not in shard["SequenceNumberRange"]:
                return shard["ShardId"]
    raise Difference(f"no open shard holds the hash key {key}")


def expect_cover(shards):
    """Open shards hold every hash key exactly once."""
    ranges = sorted((int(s["HashKeyRange"]["StartingHashKey"]), int(s["HashKeyRange"]["EndingHashKey"])) for s in shards)
    expect("the first hash key", 0, ranges[0][0])
    expect("the last hash key", HASH_KEYS - 1, ranges[-1][1])
    for (_, end), (start, _) in zip(ranges, ranges[1:]):
        expect("the start of the next range", end + 1, start)


def iterator(client, stream, shard, kind, **more):
    return client.call("GetShardIterator", StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def read(client, position, limit=None):
    """Reads from an iterator until nothing more is there; returns the records, the last page and the live iterator."""
    records = []
    while True:
        members = {"ShardIterator": position}
        if limit:
            members["Limit"] = limit
        page = client.call("GetRecords", **members)
        if limit:
            expect_true(f"at most {limit} records", len(page["Records"]) <= limit, len(page["Records"]))
        records += page["Records"]
        position = page.get("NextShardIterator")
        expect("ChildShards are told exactly at the end of a shard", position is None, bool(page.get("ChildShards")))
        if position is None or (not page["Records"] and page["MillisBehindLatest"] == 0) or page["MillisBehindLatest"] == 0:
            return records, page, position


def as_written(records):
    return [(r["SequenceNumber"], r["PartitionKey"], r["Data"]) for r in records]
