// The JavaScript SDK v3 as a peer: `node sdk_js_peer.cjs SCENARIO ENDPOINT`, with the SDK's folder in NODE_PATH. The
// endpoint is the only option. The SDK's default request handler for Kinesis is HTTP/2, on plain text by prior knowledge;
// the peer counts the HTTP/2 sessions and HTTP/1.1 requests that are really made and fails if it was not HTTP/2.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const http = require('node:http');
const http2 = require('node:http2');

let sessions = 0;
let oldRequests = 0;
const connect = http2.connect;
http2.connect = (...given) => { sessions += 1; return connect(...given); };
const request = http.request;
http.request = (...given) => { oldRequests += 1; return request(...given); };

const kinesis = require('@aws-sdk/client-kinesis');
const sdkVersion = require('@aws-sdk/client-kinesis/package.json').version;

// After the counters, which the SDK must find in place.
const {
  ACCOUNT, HASH_KEYS, MIDDLE, FIRST, saw, freshName, hashKey, call, refused, untilActive, create, iterator, read, asWritten,
} = require('./sdk_js_steps.cjs');

const scenarios = {
  async lifecycle(client) {
    const prefix = freshName('life');
    const names = [0, 1, 2].map((i) => `${prefix}-${i}`);
    const description = await create(client, names[0], 3);
    saw(`created ${names[0]}: ${description.StreamStatus}, ${description.Shards.length} shards`);
    assert.equal(description.StreamARN, `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${names[0]}`);
    assert.equal(description.RetentionPeriodHours, 24);
    assert.equal(description.EncryptionType, 'NONE');
    assert.ok(description.StreamCreationTimestamp instanceof Date);
    assert.ok(Math.abs(description.StreamCreationTimestamp - Date.now()) < 60000, `${description.StreamCreationTimestamp}`);
    assert.deepEqual(description.Shards.map((shard) => shard.HashKeyRange), [0n, 1n, 2n].map((i) => ({
      StartingHashKey: `${i * (HASH_KEYS / 3n)}`,
      EndingHashKey: i === 2n ? `${HASH_KEYS - 1n}` : `${(i + 1n) * (HASH_KEYS / 3n) - 1n}`,
    })));
    for (const name of names.slice(1)) await create(client, name, 1);
    const listed = [];
    for await (const page of kinesis.paginateListStreams({ client, pageSize: 1 }, {})) listed.push(...page.StreamNames);
    assert.deepEqual(listed.filter((name) => name.startsWith(prefix)), names);
    const { StreamNames, StreamSummaries } = await call(client, 'ListStreams', { Limit: 1, ExclusiveStartStreamName: names[0] });
    assert.deepEqual(StreamNames, [names[1]]);
    assert.equal(StreamSummaries[0].StreamARN, description.StreamARN.replace(names[0], names[1]));
    assert.equal(StreamSummaries[0].StreamStatus, 'ACTIVE');
    saw(`listed ${listed.length} streams by pages of one`);
    for (const [direction, RetentionPeriodHours] of [['Increase', 48], ['Increase', 48], ['Decrease', 24]]) {
      await call(client, `${direction}StreamRetentionPeriod`, { StreamName: names[0], RetentionPeriodHours });
      assert.equal((await untilActive(client, names[0])).RetentionPeriodHours, RetentionPeriodHours);
    }
    saw('retention went up, stayed, and came down');
    const summary = (await call(client, 'DescribeStreamSummary', { StreamARN: description.StreamARN })).StreamDescriptionSummary;
    assert.deepEqual([summary.OpenShardCount, summary.ConsumerCount], [3, 0]);
    for (const StreamName of names) await call(client, 'DeleteStream', { StreamName });
    for (const StreamName of names) {
      await kinesis.waitUntilStreamNotExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
    }
    saw('deleted');
  },

  async records(client) {
    const StreamName = freshName('records');
    const shards = (await create(client, StreamName, 3)).Shards;
    const shardFor = (key) => shards.find(({ HashKeyRange: range }) =>
      BigInt(range.StartingHashKey) <= key && key <= BigInt(range.EndingHashKey)).ShardId;
    const latest = {};
    const written = {};
    for (const { ShardId } of shards) {
      latest[ShardId] = await iterator(client, StreamName, ShardId, 'LATEST');
      written[ShardId] = [];
    }
    const single = [
      ['all-bytes', Uint8Array.from({ length: 256 }, (_, i) => i)],
      ['empty', new Uint8Array(0)],
      ['\u043a\u043b\u044e\u0447-\u20ac-\u{1f511}', Buffer.from('unicode key')],
      ['k'.repeat(256), Buffer.from('longest key')],
      ...shards.flatMap(({ HashKeyRange: range }) => [
        ['start', Buffer.from('first of range'), range.StartingHashKey], ['end', Buffer.from('last of range'), range.EndingHashKey]]),
    ];
    for (const [PartitionKey, Data, ExplicitHashKey] of single) {
      const put = await call(client, 'PutRecord', { StreamName, PartitionKey, Data, ExplicitHashKey });
      assert.equal(put.ShardId, shardFor(ExplicitHashKey ? BigInt(ExplicitHashKey) : hashKey(PartitionKey)));
      assert.equal(put.EncryptionType, undefined);
      written[put.ShardId].push([put.SequenceNumber, PartitionKey, Buffer.from(Data).toString('hex')]);
    }
    for (let batch = 0; batch < 2; batch += 1) {
      const Records = Array.from({ length: 60 }, (_, i) => ({ PartitionKey: `key-${i % 17}`, Data: Buffer.alloc(i, i) }));
      const put = await call(client, 'PutRecords', { StreamName, Records });
      assert.equal(put.FailedRecordCount, 0);
      put.Records.forEach(({ ShardId, SequenceNumber, ErrorCode }, i) => {
        assert.equal(ErrorCode, undefined);
        assert.equal(ShardId, shardFor(hashKey(Records[i].PartitionKey)));
        written[ShardId].push([SequenceNumber, Records[i].PartitionKey, Records[i].Data.toString('hex')]);
      });
    }
    saw(`put ${single.length} single records and 120 in batches`);

    for (const [ShardId, expected] of Object.entries(written)) {
      const { records, page } = await read(client, await iterator(client, StreamName, ShardId, 'TRIM_HORIZON'));
      assert.deepEqual(asWritten(records), expected, `TRIM_HORIZON of ${ShardId}`);
      assert.equal(page.MillisBehindLatest, 0);
      assert.ok(records.every((record) => record.EncryptionType === undefined));
      assert.deepEqual(asWritten((await read(client, latest[ShardId])).records), expected, `LATEST of ${ShardId}, issued before the writes`);
      const half = Math.floor(expected.length / 2);
      const StartingSequenceNumber = expected[half][0];
      for (const [type, from] of [['AT_SEQUENCE_NUMBER', half], ['AFTER_SEQUENCE_NUMBER', half + 1]]) {
        const got = await read(client, await iterator(client, StreamName, ShardId, type, { StartingSequenceNumber }));
        assert.deepEqual(asWritten(got.records), expected.slice(from), `${type} of ${ShardId}`);
      }
      // This SDK sends fractions of a second, so the cut is exact to the millisecond.
      const times = records.map((record) => record.ApproximateArrivalTimestamp.getTime());
      assert.deepEqual([...times].sort((a, b) => a - b), times);
      const byTime = await read(client, await iterator(client, StreamName, ShardId, 'AT_TIMESTAMP', { Timestamp: new Date(times[half]) }));
      assert.deepEqual(asWritten(byTime.records), expected.filter((_, i) => times[i] >= times[half]), `AT_TIMESTAMP of ${ShardId}`);
      saw(`${ShardId}: all iterator types read what was written`);
    }
    await call(client, 'DeleteStream', { StreamName });
  },

  async reshard(client) {
    const StreamName = freshName('reshard');
    await create(client, StreamName, 1);
    const written = [];
    const put = async (count) => {
      for (let i = 0; i < count; i += 1) {
        const PartitionKey = `key-${i % 5}`;
        const Data = Buffer.from(`${written.length}`);
        const { SequenceNumber, ShardId } = await call(client, 'PutRecord', { StreamName, PartitionKey, Data });
        written.push([SequenceNumber, PartitionKey, Data.toString('hex'), ShardId]);
      }
    };
    await put(10);
    await call(client, 'SplitShard', { StreamName, ShardToSplit: FIRST, NewStartingHashKey: `${MIDDLE}` });
    let { Shards: shards } = await untilActive(client, StreamName);
    assert.equal(shards.length, 3);
    assert.ok(shards[0].SequenceNumberRange.EndingSequenceNumber);
    assert.deepEqual(shards.slice(1).map((shard) => shard.ParentShardId), [FIRST, FIRST]);
    const [lower, upper] = [shards[1].ShardId, shards[2].ShardId];
    await put(20);
    assert.ok(written.slice(10).every(([, , , shard]) => shard !== FIRST));
    saw('split');

    const listed = async (ShardFilter) => (await call(client, 'ListShards', { StreamName, ShardFilter })).Shards.map((shard) => shard.ShardId);
    assert.deepEqual(await listed(undefined), [FIRST, lower, upper]);
    assert.deepEqual(await listed({ Type: 'AT_TRIM_HORIZON' }), [FIRST]);
    assert.deepEqual(await listed({ Type: 'AT_LATEST' }), [lower, upper]);
    assert.deepEqual(await listed({ Type: 'AFTER_SHARD_ID', ShardId: FIRST }), [lower, upper]);
    assert.deepEqual(await listed({ Type: 'AT_TIMESTAMP', Timestamp: new Date() }), [lower, upper]);
    const byPages = [];
    for (let input = { StreamName, MaxResults: 1 }; input;) {
      const page = await call(client, 'ListShards', input);
      byPages.push(...page.Shards.map((shard) => shard.ShardId));
      input = page.NextToken ? { NextToken: page.NextToken, MaxResults: 1 } : null;
    }
    assert.deepEqual(byPages, [FIRST, lower, upper]);
    saw('listed with filters and by pages');

    await call(client, 'MergeShards', { StreamName, ShardToMerge: lower, AdjacentShardToMerge: upper });
    ({ Shards: shards } = await untilActive(client, StreamName));
    const merged = shards[3];
    assert.deepEqual([merged.ParentShardId, merged.AdjacentParentShardId], [lower, upper]);
    await put(10);
    saw('merged');

    const seen = [];
    const order = [];
    for (const waiting = [FIRST]; waiting.length > 0;) {
      const shard = waiting.shift();
      order.push(shard);
      const { records, page } = await read(client, await iterator(client, StreamName, shard, 'TRIM_HORIZON'));
      seen.push(...asWritten(records).map((record) => [...record, shard]));
      for (const child of page.ChildShards ?? []) {
        assert.ok(child.ParentShards.includes(shard));
        if (child.ParentShards.every((id) => order.includes(id)) && ![...order, ...waiting].includes(child.ShardId)) waiting.push(child.ShardId);
      }
    }
    assert.deepEqual(order, [FIRST, lower, upper, merged.ShardId]);
    assert.deepEqual([...seen].sort(), [...written].sort());
    saw(`read ${seen.length} records through ${order}`);
    await call(client, 'DeleteStream', { StreamName });
  },

  async errors(client) {
    const StreamName = freshName('errors');
    const absent = freshName('absent');
    await create(client, StreamName, 1);
    for (const [operation, more] of [['DescribeStream', {}], ['ListShards', {}], ['PutRecord', { PartitionKey: 'k', Data: new Uint8Array(0) }]]) {
      assert.equal(
        await refused(client, 'ResourceNotFoundException', operation, { StreamName: absent, ...more }),
        `Stream ${absent} under account ${ACCOUNT} not found.`);
    }
    assert.equal(
      await refused(client, 'ResourceInUseException', 'CreateStream', { StreamName, ShardCount: 1 }),
      `Stream ${StreamName} under account ${ACCOUNT} already exists.`);
    assert.equal(
      await refused(client, 'ValidationException', 'CreateStream', { StreamName: 'a b', ShardCount: 0 }),
      "2 validation errors detected: Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1; "
      + "Value 'a b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
    assert.equal(await refused(client, 'InvalidArgumentException', 'GetRecords', { ShardIterator: 'made-up' }), 'Invalid ShardIterator.');
    await refused(client, 'InvalidArgumentException', 'GetShardIterator', { StreamName, ShardId: FIRST, ShardIteratorType: 'AT_SEQUENCE_NUMBER' });
    saw('refusals have their names and texts');
    const entry = { PartitionKey: 'k', Data: Buffer.alloc(900000, 'x') };
    const put = await call(client, 'PutRecords', { StreamName, Records: [entry, entry, entry] });
    const failed = put.Records.filter((record) => record.ErrorCode);
    assert.equal(failed.length, put.FailedRecordCount);
    assert.ok(failed.length === 1 || failed.length === 2, `${failed.length} of 3 throttled`);
    assert.ok(failed.every((record) => record.ErrorCode === 'ProvisionedThroughputExceededException'));
    saw(`${failed.length} of 3 entries throttled, the request succeeded`);
    await call(client, 'DeleteStream', { StreamName });
  },

  async tags(client) {
    const StreamName = freshName('tags');
    await create(client, StreamName, 1);
    await call(client, 'AddTagsToStream', { StreamName, Tags: { team: 'water', empty: '' } });
    const { Tags } = await call(client, 'ListTagsForStream', { StreamName });
    assert.deepEqual(Tags.map(({ Key, Value }) => [Key, Value ?? '']).sort(), [['empty', ''], ['team', 'water']]);
    await call(client, 'DeleteStream', { StreamName });
  },

  async scale(client) {
    const StreamName = freshName('scale');
    await create(client, StreamName, 2);
    await refused(client, 'LimitExceededException', 'UpdateShardCount', { StreamName, TargetShardCount: 5, ScalingType: 'UNIFORM_SCALING' });
    const answer = await call(client, 'UpdateShardCount', { StreamName, TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' });
    assert.deepEqual([answer.CurrentShardCount, answer.TargetShardCount], [2, 4]);
    await untilActive(client, StreamName);
    const summary = (await call(client, 'DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
    assert.equal(summary.OpenShardCount, 4);
    await call(client, 'DeleteStream', { StreamName });
  },

  async signed(client) {
    const StreamName = freshName('signed');
    await create(client, StreamName, 1);
    const data = [Buffer.alloc(0), Buffer.from('\u20ac'), crypto.randomBytes(500000)];
    for (const Data of data) await call(client, 'PutRecord', { StreamName, PartitionKey: 'k \u20ac', Data });
    const { records } = await read(client, await iterator(client, StreamName, FIRST, 'TRIM_HORIZON'));
    assert.deepEqual(records.map((record) => Buffer.from(record.Data).toString('hex')), data.map((item) => item.toString('hex')));
    saw(`${records.length} records`);
    await call(client, 'DeleteStream', { StreamName });
  },

  async wrong_secret(client) {
    const message = await refused(client, 'InvalidSignatureException', 'ListStreams', {});
    assert.match(message, /^The request signature we calculated does not match the signature you provided\./);
    saw(message);
  },

  async unknown_key(client) {
    const message = await refused(client, 'UnrecognizedClientException', 'ListStreams', {});
    assert.equal(message, 'The security token included in the request is invalid.');
    saw(message);
  },

  async read_only(client, StreamName) {
    const arn = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${StreamName}`;
    await call(client, 'DescribeStream', { StreamName });
    await read(client, await iterator(client, StreamName, FIRST, 'TRIM_HORIZON'));
    for (const [operation, resource, input] of [
      ['PutRecord', arn, { StreamName, PartitionKey: 'k', Data: Buffer.from('x') }],
      ['DeleteStream', arn, { StreamName }],
      ['DescribeStream', `${arn}-other`, { StreamName: `${StreamName}-other` }],
      ['ListStreams', '*', {}],
    ]) {
      assert.equal(
        await refused(client, 'AccessDeniedException', operation, input),
        `User: arn:aws:iam::${ACCOUNT}:user/reader is not authorized to perform: kinesis:${operation} on resource: ${resource} `
        + `because no identity-based policy allows the kinesis:${operation} action`);
    }
    saw('reads, and nothing else');
  },

  // A subscription is an event stream over HTTP/2: the first event comes, and what is put afterwards arrives by itself.
  async subscribe(client) {
    const StreamName = freshName('subscribe');
    const { StreamARN } = await create(client, StreamName, 1);
    const { Consumer } = await call(client, 'RegisterStreamConsumer', { StreamARN, ConsumerName: 'peer' });
    const { ConsumerARN } = Consumer;
    for (;;) {
      const { ConsumerDescription } = await call(client, 'DescribeStreamConsumer', { ConsumerARN });
      if (ConsumerDescription.ConsumerStatus === 'ACTIVE') break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const put = async (text) => (await call(client, 'PutRecord', { StreamName, PartitionKey: 'k', Data: Buffer.from(text) })).SequenceNumber;
    const written = [await put('before-1'), await put('before-2')];
    const { EventStream } = await call(client, 'SubscribeToShard', {
      ConsumerARN, ShardId: FIRST, StartingPosition: { Type: 'TRIM_HORIZON' },
    });
    const got = [];
    let late = false;
    for await (const event of EventStream) {
      assert.ok(event.SubscribeToShardEvent, `an event of records, not ${Object.keys(event)}`);
      got.push(...event.SubscribeToShardEvent.Records);
      assert.ok(event.SubscribeToShardEvent.ContinuationSequenceNumber);
      if (got.length >= 2 && !late) {
        late = true;
        written.push(await put('while subscribed'));
      }
      if (got.length >= 3) break;
    }
    await assert.rejects(
      () => call(client, 'SubscribeToShard', { ConsumerARN, ShardId: FIRST, StartingPosition: { Type: 'LATEST' } }),
      (error) => error instanceof kinesis.ResourceInUseException && error.message.startsWith('Another active subscription exists'));
    assert.deepEqual(got.map((record) => record.SequenceNumber), written);
    assert.deepEqual(got.map((record) => Buffer.from(record.Data).toString()), ['before-1', 'before-2', 'while subscribed']);
    saw('a subscription delivered what was there and what came');

    // Through a split to the children: a shard that has ended says who goes on, and the answer ends by itself.
    await new Promise((resolve) => setTimeout(resolve, 5100));
    await call(client, 'SplitShard', { StreamName, ShardToSplit: FIRST, NewStartingHashKey: `${MIDDLE}` });
    await untilActive(client, StreamName);
    const after = {};
    for (let i = 0; i < 10; i += 1) {
      const { ShardId, SequenceNumber } = await call(client, 'PutRecord', { StreamName, PartitionKey: `after-${i}`, Data: Buffer.from('x') });
      (after[ShardId] ??= []).push(SequenceNumber);
    }
    const whole = await call(client, 'SubscribeToShard', { ConsumerARN, ShardId: FIRST, StartingPosition: { Type: 'TRIM_HORIZON' } });
    const parents = [];
    let end;
    for await (const { SubscribeToShardEvent: event } of whole.EventStream) {
      parents.push(...event.Records.map((record) => record.SequenceNumber));
      end = event;
    }
    assert.deepEqual(parents, written);
    assert.equal(end.ContinuationSequenceNumber, undefined);
    assert.equal(end.ChildShards.length, 2);
    for (const { ShardId, ParentShards } of end.ChildShards) {
      assert.deepEqual(ParentShards, [FIRST]);
      const child = await call(client, 'SubscribeToShard', { ConsumerARN, ShardId, StartingPosition: { Type: 'TRIM_HORIZON' } });
      const seen = [];
      for await (const { SubscribeToShardEvent: event } of child.EventStream) {
        seen.push(...event.Records.map((record) => record.SequenceNumber));
        if (seen.length >= (after[ShardId] ?? []).length) break;
      }
      assert.deepEqual(seen, after[ShardId] ?? []);
    }
    saw('the children go on where the parent ended');
    await call(client, 'DeleteStream', { StreamName, EnforceConsumerDeletion: true });
  },
};

// What follows the endpoint is the scenario's own.
async function main([scenario, endpoint, ...more]) {
  const client = new kinesis.KinesisClient({ endpoint });
  saw(`@aws-sdk/client-kinesis ${sdkVersion}, node ${process.version}, ${client.config.requestHandler.constructor.name}`);
  await scenarios[scenario](client, ...more);
  client.destroy();
  saw(`${sessions} HTTP/2 sessions, ${oldRequests} HTTP/1.1 requests`);
  assert.ok(sessions > 0 && oldRequests === 0, 'everything went over HTTP/2');
  saw(`${scenario}: as expected`);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`DIFFERENCE in ${process.argv[2]}: ${error.stack}`);
  if (error.$response) console.error(`HTTP ${error.$response.statusCode}`, error.$response.headers);
  process.exit(1);
});
