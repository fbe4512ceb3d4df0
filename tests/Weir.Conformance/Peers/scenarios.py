"""What a real client has to be able to do with the server, written once for every Python client.

Each scenario takes a `client`: `call(operation, **members)` returns the output as a dictionary with blobs as bytes,
`refused(type, operation, **members)` expects the client's own form of that error and returns its message, and the waiters
and pagers are the client's own. `dear` says that a call takes about a second, so that a scenario makes fewer of them.
These clients cut timestamps that they send to whole seconds. A scenario prints what it saw, and ends at the first
difference by raising.
"""

import itertools
import sys
import time

import security_scenarios
from steps import (
    ACCOUNT, HASH_KEYS, MIDDLE, Difference, as_written, create, expect, expect_cover, expect_true, fresh_name, hash_key,
    iterator, read, saw, shard_for, until_active)


def lifecycle(client):
    """Create, describe, list by pages, keep longer and shorter, delete."""
    prefix = fresh_name("life")
    names = [f"{prefix}-{i}" for i in range(3)]
    client.call("CreateStream", StreamName=names[0], ShardCount=3)
    client.wait_until_exists(names[0])
    description = until_active(client, names[0])
    saw(f"created {names[0]}: {description['StreamStatus']}, {len(description['Shards'])} shards")
    expect("the ARN", f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{names[0]}", description["StreamARN"])
    expect("retention", 24, description["RetentionPeriodHours"])
    expect("encryption", "NONE", description["EncryptionType"])
    expect("enhanced monitoring", [{"ShardLevelMetrics": []}], description["EnhancedMonitoring"])
    expect("more shards", False, description["HasMoreShards"])
    expect("mode", {"StreamMode": "PROVISIONED"}, description["StreamModeDetails"])
    expect("shard ids", [f"shardId-{i:012}" for i in range(3)], [s["ShardId"] for s in description["Shards"]])
    expect("the first shard's end", str(HASH_KEYS // 3 - 1), description["Shards"][0]["HashKeyRange"]["EndingHashKey"])
    expect_cover(description["Shards"])
    expect("a page of shards", ["shardId-000000000001"], [
        s["ShardId"] for s in client.call(
            "DescribeStream", StreamName=names[0], Limit=1, ExclusiveStartShardId="shardId-000000000000",
        )["StreamDescription"]["Shards"]])

    summary = client.call("DescribeStreamSummary", StreamName=names[0])["StreamDescriptionSummary"]
    expect("open shards", 3, summary["OpenShardCount"])
    expect("consumers", 0, summary["ConsumerCount"])

    for name in names[1:]:
        create(client, name, 1)
    listed = client.list_streams(page_size=1)
    expect("streams listed by pages of one, by name", names, [n for n in listed if n.startswith(prefix)])
    expect("names in order", sorted(listed), listed)
    page = client.call("ListStreams", Limit=1, ExclusiveStartStreamName=names[0])
    expect("the stream after the first", [names[1]], page["StreamNames"])
    saw(f"listed {len(listed)} streams by pages")

    for operation, hours in (("Increase", 48), ("Increase", 48), ("Decrease", 36), ("Decrease", 24)):
        client.call(f"{operation}StreamRetentionPeriod", StreamName=names[0], RetentionPeriodHours=hours)
        expect("retention", hours, until_active(client, names[0])["RetentionPeriodHours"])
    message = client.refused("InvalidArgumentException", "IncreaseStreamRetentionPeriod", StreamName=names[0], RetentionPeriodHours=8761)
    expect("the text", "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.", message)
    saw("retention went up, stayed, and came down")

    for name in names:
        client.call("DeleteStream", StreamName=name)
    for name in names:
        client.wait_until_gone(name)
    expect("streams left", [], [n for n in client.list_streams(page_size=100) if n.startswith(prefix)])
    saw("deleted")


def records(client):
    """Put every kind of record, read it back from every kind of iterator, byte for byte and in order."""
    stream = fresh_name("records")
    shards = create(client, stream, 3)["Shards"]
    latest = {s["ShardId"]: iterator(client, stream, s["ShardId"], "LATEST") for s in shards}
    written = {s["ShardId"]: [] for s in shards}

    single = [
        ("all-bytes", bytes(range(256)), None),
        ("empty", b"", None),
        ("\u043a\u043b\u044e\u0447-\u20ac-\U0001f511", b"unicode key", None),
        ("k" * 256, b"longest key", None),
        ("lowest", b"\x00", 0),
        ("highest", b"\xff", HASH_KEYS - 1),
    ]
    for shard in shards:
        single.append(("start", b"first of range", int(shard["HashKeyRange"]["StartingHashKey"])))
        single.append(("end", b"last of range", int(shard["HashKeyRange"]["EndingHashKey"])))
    if client.dear:
        single = single[:4] + single[-1:]
    previous = None
    for key, data, explicit in single:
        members = {"PartitionKey": key, "Data": data}
        if explicit is not None:
            members["ExplicitHashKey"] = str(explicit)
        if previous:
            members["SequenceNumberForOrdering"] = previous
        put = client.call("PutRecord", StreamName=stream, **members)
        expect(f"the shard of {key[:20]!r}", shard_for(shards, hash_key(key) if explicit is None else explicit), put["ShardId"])
        expect_true("no EncryptionType without encryption", "EncryptionType" not in put, put)
        expect("digits of a sequence number", 56, len(put["SequenceNumber"]))
        written[put["ShardId"]].append((put["SequenceNumber"], key, data))
        previous = put["SequenceNumber"]
    saw(f"put {len(single)} single records")

    for batch in range(2):
        # Another second, so that a time between the batches can be said in whole seconds.
        time.sleep(1.1)
        entries = [{"PartitionKey": f"key-{i % 17}", "Data": b"%d:%d " % (batch, i) + bytes([i % 256]) * i} for i in range(60)]
        entries[7]["ExplicitHashKey"] = str(MIDDLE)
        put = client.call("PutRecords", StreamName=stream, Records=entries)
        expect("failed records", 0, put["FailedRecordCount"])
        expect("as many results as records", len(entries), len(put["Records"]))
        for entry, result in zip(entries, put["Records"]):
            expect_true("no error", "ErrorCode" not in result, result)
            key = int(entry.get("ExplicitHashKey", hash_key(entry["PartitionKey"])))
            expect("the shard of a batch's record", shard_for(shards, key), result["ShardId"])
            written[result["ShardId"]].append((result["SequenceNumber"], entry["PartitionKey"], entry["Data"]))
    saw(f"put 120 records in batches; shards hold {[len(w) for w in written.values()]}")

    for shard, expected in written.items():
        numbers = [int(number) for number, _, _ in expected]
        expect(f"numbers of {shard} grow in the order of writing", sorted(set(numbers)), numbers)
        from_start, page, _ = read(client, iterator(client, stream, shard, "TRIM_HORIZON"))
        expect(f"TRIM_HORIZON of {shard}", expected, as_written(from_start))
        expect("behind latest at the end", 0, page["MillisBehindLatest"])
        expect_true("no EncryptionType in a record", all("EncryptionType" not in r for r in from_start))
        if client.dear and len(expected) < max(map(len, written.values())):
            continue
        expect(f"LATEST of {shard}, issued before the writes", expected, as_written(read(client, latest[shard])[0]))
        half = len(expected) // 2
        number = expected[half][0]
        at = iterator(client, stream, shard, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)
        expect(f"AT_SEQUENCE_NUMBER of {shard}", expected[half:], as_written(read(client, at)[0]))
        after = iterator(client, stream, shard, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number)
        expect(f"AFTER_SEQUENCE_NUMBER of {shard}", expected[half + 1:], as_written(read(client, after)[0]))
        times = [client.seconds(r["ApproximateArrivalTimestamp"]) for r in from_start]
        expect("arrival times do not go back", sorted(times), times)
        expect_true("arrival is about now", abs(times[-1] - time.time()) < 60, times[-1])
        since = int(times[-1])
        by_time = iterator(client, stream, shard, "AT_TIMESTAMP", Timestamp=since)
        expect(f"AT_TIMESTAMP of {shard}", [w for w, t in zip(expected, times) if t >= since], as_written(read(client, by_time)[0]))
        old = iterator(client, stream, shard, "AT_TIMESTAMP", Timestamp=times[0] - 3600)
        expect(f"AT_TIMESTAMP before the first of {shard}", expected, as_written(read(client, old)[0]))
        saw(f"{shard}: all iterator types read what was written")

    shard, expected = next((s, w) for s, w in written.items() if len(w) > 20)
    first = client.call("GetRecords", ShardIterator=iterator(client, stream, shard, "TRIM_HORIZON"), Limit=7)
    expect("a page of seven", expected[:7], as_written(first["Records"]))
    expect_true("a reader in the past is behind", first["MillisBehindLatest"] > 0, first["MillisBehindLatest"])
    second = client.call("GetRecords", ShardIterator=first["NextShardIterator"], Limit=7)
    expect("the next seven", expected[7:14], as_written(second["Records"]))

    at_end = iterator(client, stream, shard, "LATEST")
    expect("LATEST sees nothing old", [], read(client, at_end)[0])
    range_ = next(s["HashKeyRange"] for s in shards if s["ShardId"] == shard)
    put = client.call("PutRecord", StreamName=stream, PartitionKey="new", Data=b"news", ExplicitHashKey=range_["StartingHashKey"])
    expect("LATEST sees what comes", [(put["SequenceNumber"], "new", b"news")], as_written(read(client, at_end)[0]))
    client.call("DeleteStream", StreamName=stream)


def reshard(client):
    """Split and merge under a reader that follows the shards from parent to child."""
    stream = fresh_name("reshard")
    shards = create(client, stream, 1)["Shards"]
    parent = shards[0]["ShardId"]
    written = []
    few, some = (2, 4) if client.dear else (10, 20)

    def put(count):
        for i in range(count):
            key = f"key-{i % 5}"
            data = b"%d" % len(written)
            result = client.call("PutRecord", StreamName=stream, PartitionKey=key, Data=data)
            written.append((result["SequenceNumber"], key, data, result["ShardId"]))

    put(few)
    client.call("SplitShard", StreamName=stream, ShardToSplit=parent, NewStartingHashKey=str(MIDDLE))
    shards = until_active(client, stream)["Shards"]
    expect("shards after the split", [f"shardId-{i:012}" for i in range(3)], [s["ShardId"] for s in shards])
    expect_true("the parent has an end", "EndingSequenceNumber" in shards[0]["SequenceNumberRange"], shards[0])
    expect("the children's parent", [parent, parent], [s.get("ParentShardId") for s in shards[1:]])
    expect("the lower child's end", str(MIDDLE - 1), shards[1]["HashKeyRange"]["EndingHashKey"])
    expect("the upper child's start", str(MIDDLE), shards[2]["HashKeyRange"]["StartingHashKey"])
    expect_cover(shards[1:])
    lower, upper = shards[1]["ShardId"], shards[2]["ShardId"]
    put(some)
    expect("where records go after the split", [shard_for(shards, hash_key(w[1])) for w in written[few:]], [w[3] for w in written[few:]])
    saw("split")

    def listed(**filter_):
        members = {"ShardFilter": filter_} if filter_ else {}
        return [s["ShardId"] for s in client.call("ListShards", StreamName=stream, **members)["Shards"]]

    # The next whole second is after the split.
    time.sleep(1.1)
    now = int(time.time())
    everything = [parent, lower, upper]
    expect("ListShards", everything, listed())
    expect("FROM_TRIM_HORIZON", everything, listed(Type="FROM_TRIM_HORIZON"))
    expect("AT_TRIM_HORIZON", [parent], listed(Type="AT_TRIM_HORIZON"))
    expect("AT_LATEST", [lower, upper], listed(Type="AT_LATEST"))
    expect("AFTER_SHARD_ID", [upper], listed(Type="AFTER_SHARD_ID", ShardId=lower))
    expect("AT_TIMESTAMP now", [lower, upper], listed(Type="AT_TIMESTAMP", Timestamp=now))
    expect("FROM_TIMESTAMP now", [lower, upper], listed(Type="FROM_TIMESTAMP", Timestamp=now))
    expect("ListShards by pages of one", everything, client.list_shards(stream, page_size=1))
    saw("listed with every filter and by pages")

    client.call("MergeShards", StreamName=stream, ShardToMerge=lower, AdjacentShardToMerge=upper)
    shards = until_active(client, stream)["Shards"]
    merged = shards[-1]
    expect("shards after the merge", 4, len(shards))
    expect("the merged shard's parents", (lower, upper), (merged.get("ParentShardId"), merged.get("AdjacentParentShardId")))
    expect("the merged shard's range", {"StartingHashKey": "0", "EndingHashKey": str(HASH_KEYS - 1)}, merged["HashKeyRange"])
    expect_true("its numbers start above its parents' end", all(
        int(merged["SequenceNumberRange"]["StartingSequenceNumber"]) > int(s["SequenceNumberRange"]["EndingSequenceNumber"])
        for s in shards[:3]))
    put(few)
    expect_true("records after the merge go to the merged shard", all(w[3] == merged["ShardId"] for w in written[-few:]))
    saw("merged")

    # A reader that knows one shard only finds all others by ChildShards, parents before children.
    seen, order, waiting = [], [], [parent]
    while waiting:
        shard = waiting.pop(0)
        order.append(shard)
        got, page, live = read(client, iterator(client, stream, shard, "TRIM_HORIZON"))
        seen += [(*w, shard) for w in as_written(got)]
        for child in page.get("ChildShards", []):
            expect_true("a child names this parent", shard in child["ParentShards"], child)
            expect("a child's range is the shard's", next(s["HashKeyRange"] for s in shards if s["ShardId"] == child["ShardId"]), child["HashKeyRange"])
            if all(p in order for p in child["ParentShards"]) and child["ShardId"] not in order + waiting:
                waiting.append(child["ShardId"])
        expect("only the open shard goes on", shard == merged["ShardId"], live is not None)
    expect("shards followed", [parent, lower, upper, merged["ShardId"]], order)
    expect("every record once", sorted(written), sorted(seen))
    for key, numbers in itertools.groupby(sorted(seen, key=lambda w: w[1]), key=lambda w: w[1]):
        values = [int(data) for _, _, data, _ in numbers]
        expect(f"order of {key} across split and merge", sorted(values), values)
    saw(f"read {len(seen)} records through {order}")

    client.call("DeleteStream", StreamName=stream)


def errors(client):
    """Every kind of refusal arrives as the client's own error of that name."""
    stream, absent = fresh_name("errors"), fresh_name("absent")
    create(client, stream, 1)
    shard = "shardId-000000000000"
    not_found = f"Stream {absent} under account {ACCOUNT} not found."
    for operation, more in (
        ("DescribeStream", {}),
        ("DeleteStream", {}),
        ("ListShards", {}),
        ("PutRecord", {"PartitionKey": "k", "Data": b""}),
    ):
        expect(f"{operation} of no stream", not_found, client.refused("ResourceNotFoundException", operation, StreamName=absent, **more))
    expect("a taken name", f"Stream {stream} under account {ACCOUNT} already exists.", client.refused(
        "ResourceInUseException", "CreateStream", StreamName=stream, ShardCount=1))
    expect("a bad name", "1 validation error detected: Value 'a b' at 'streamName' failed to satisfy constraint: "
           "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+", client.refused(
               "ValidationException", "DescribeStream", StreamName="a b"))
    expect("a made-up iterator", "Invalid ShardIterator.", client.refused(
        "InvalidArgumentException", "GetRecords", ShardIterator="AAAAAAAAAAFhYmM="))
    expect("a missing shard", f"Shard shardId-000000000009 in stream {stream} under account {ACCOUNT} does not exist", client.refused(
        "ResourceNotFoundException", "GetShardIterator", StreamName=stream, ShardId="shardId-9", ShardIteratorType="LATEST"))
    client.refused("InvalidArgumentException", "GetShardIterator", StreamName=stream, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER")
    client.refused("InvalidArgumentException", "GetShardIterator", StreamName=stream, ShardId=shard,
                   ShardIteratorType="AT_TIMESTAMP", Timestamp=time.time() + 3600)
    client.refused("InvalidArgumentException", "PutRecord", StreamName=stream, PartitionKey="k", Data=b"", ExplicitHashKey=str(HASH_KEYS))
    client.refused("InvalidArgumentException", "ListShards", NextToken="made-up")
    saw("refusals have their names and texts")

    put = client.call("PutRecords", StreamName=stream, Records=[{"PartitionKey": "k", "Data": b"x" * 900_000}] * 3)
    failed = [r for r in put["Records"] if "ErrorCode" in r]
    expect("some of three times 900 kB exceed a shard's first second", True, 1 <= len(failed) <= 2)
    expect("FailedRecordCount", len(failed), put["FailedRecordCount"])
    for result in failed:
        expect("the entry's error", {
            "ErrorCode": "ProvisionedThroughputExceededException",
            "ErrorMessage": f"Rate exceeded for shard {shard} in stream {stream} under account {ACCOUNT}.",
        }, result)
    saw(f"{len(failed)} of 3 entries throttled, the request succeeded")
    client.call("DeleteStream", StreamName=stream)


def tags(client):
    """Tags come back as they were given, and go."""
    stream = fresh_name("tags")
    create(client, stream, 1)
    client.call("AddTagsToStream", StreamName=stream, Tags={"team": "water", "empty": ""})
    listed = client.call("ListTagsForStream", StreamName=stream)["Tags"]
    expect("tags", [("empty", ""), ("team", "water")], sorted((t["Key"], t.get("Value", "")) for t in listed))
    client.call("RemoveTagsFromStream", StreamName=stream, TagKeys=["empty"])
    expect("tags left", ["team"], [t["Key"] for t in client.call("ListTagsForStream", StreamName=stream)["Tags"]])
    client.call("DeleteStream", StreamName=stream)


def scale(client):
    """UpdateShardCount gives equal ranges, and refuses to go too far at once."""
    stream = fresh_name("scale")
    create(client, stream, 2)
    client.refused("LimitExceededException", "UpdateShardCount", StreamName=stream, TargetShardCount=5, ScalingType="UNIFORM_SCALING")
    for before, after in ((2, 4), (4, 3)):
        answer = client.call("UpdateShardCount", StreamName=stream, TargetShardCount=after, ScalingType="UNIFORM_SCALING")
        expect("UpdateShardCount", (before, after), (answer["CurrentShardCount"], answer["TargetShardCount"]))
        shards = until_active(client, stream)["Shards"]
        opened = [s for s in shards if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
        expect_cover(opened)
        expect("equal ranges", sorted(i * (HASH_KEYS // after) for i in range(after)),
               sorted(int(s["HashKeyRange"]["StartingHashKey"]) for s in opened))
        summary = client.call("DescribeStreamSummary", StreamName=stream)["StreamDescriptionSummary"]
        expect("open shards", after, summary["OpenShardCount"])
        saw(f"{before} -> {after} shards")
    client.call("DeleteStream", StreamName=stream)


def subscribe(client):
    """Enhanced fan-out: what is there, what comes, a later call that takes over, and through a split to the children."""
    stream = fresh_name("subscribe")
    arn = create(client, stream, 1)["StreamARN"]
    consumer = client.call("RegisterStreamConsumer", StreamARN=arn, ConsumerName="peer")["Consumer"]["ConsumerARN"]
    while client.call("DescribeStreamConsumer", ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] != "ACTIVE":
        time.sleep(0.1)

    def put(text):
        return client.call("PutRecord", StreamName=stream, PartitionKey=text, Data=text.encode())["SequenceNumber"]

    def events(shard, **position):
        answer = client.call("SubscribeToShard", ConsumerARN=consumer, ShardId=shard, StartingPosition=position)
        return (event["SubscribeToShardEvent"] for event in answer["EventStream"])

    written = [put("before-1"), put("before-2")]
    first = events("shardId-000000000000", Type="TRIM_HORIZON")
    got = next(first)
    expect("what was there", written, [r["SequenceNumber"] for r in got["Records"]])
    written.append(put("while subscribed"))
    got = next(first)
    expect("what came", [b"while subscribed"], [r["Data"] for r in got["Records"]])
    expect("caught up", 0, got["MillisBehindLatest"])
    message = client.refused(
        "ResourceInUseException", "SubscribeToShard", ConsumerARN=consumer, ShardId="shardId-000000000000",
        StartingPosition={"Type": "LATEST"})
    expect("the text", f"Another active subscription exists for this consumer: {ACCOUNT}:{stream}:shardId-000000000000:peer", message)
    saw("a subscription delivered what was there and what came")

    time.sleep(5.1)
    second = events("shardId-000000000000", Type="AFTER_SEQUENCE_NUMBER", SequenceNumber=got["ContinuationSequenceNumber"])
    try:
        for event in first:
            expect("records of an idle shard", [], event["Records"])
        raise Difference("the first subscription ended without an error")
    except client.stream_error as error:
        expect_true("the first was told who ended it", "ResourceInUseException" in str(error), error)
    saw("a later call took over")

    client.call("SplitShard", StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(MIDDLE))
    until_active(client, stream)
    after = {}
    for i in range(10):
        answer = client.call("PutRecord", StreamName=stream, PartitionKey=f"after-{i}", Data=b"")
        after.setdefault(answer["ShardId"], []).append(answer["SequenceNumber"])
    ends = [event for event in second]
    expect("children", ["shardId-000000000001", "shardId-000000000002"], [c["ShardId"] for c in ends[-1]["ChildShards"]])
    expect_true("no continuation at the end of a shard", "ContinuationSequenceNumber" not in ends[-1], ends[-1])
    expect("nothing twice", [], [r for event in ends for r in event["Records"]])
    for child in ends[-1]["ChildShards"]:
        seen = []
        for event in events(child["ShardId"], Type="TRIM_HORIZON"):
            seen += [r["SequenceNumber"] for r in event["Records"]]
            if len(seen) >= len(after.get(child["ShardId"], [])):
                break
        expect(f"records of {child['ShardId']}", after.get(child["ShardId"], []), seen)
    saw("the children go on where the parent ended")
    client.call("DeleteStream", StreamName=stream, EnforceConsumerDeletion=True)


SCENARIOS = {scenario.__name__: scenario for scenario in (
    lifecycle, records, reshard, errors, tags, scale, subscribe, *security_scenarios.ALL)}


def run(client, arguments):
    """Runs the named scenario; the exit code says how it went."""
    name = arguments[0]
    try:
        # What follows the endpoint is the scenario's own.
        SCENARIOS[name](client, *arguments[2:])
    except Difference as difference:
        print(f"DIFFERENCE in {name}: {difference}", file=sys.stderr)
        return 1
    saw(f"{name}: as expected")
    return 0
