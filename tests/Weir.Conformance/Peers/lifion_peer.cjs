// lifion-kinesis as a peer: `node lifion_peer.cjs polling|fanout ENDPOINT`. Two consumer processes of one group share the
// shards by leases in a DynamoDB table, which dynalite serves in memory. A producer writes numbered records over several keys
// all the while the stream is split and merged. Nothing may be lost, and each key's records come in their order.
'use strict';

const assert = require('node:assert/strict');
const { fork } = require('node:child_process');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');

const dynalite = require('dynalite');
const kinesis = require('@aws-sdk/client-kinesis');

const KEYS = Array.from({ length: 12 }, (_, i) => `key-${i}`);
const RECORDS_AFTER_RESHARDING = 240;
const PATIENCE_MILLISECONDS = 90_000;
const saw = (text) => console.log(text);

const [mode, endpoint] = process.argv.slice(2);
const stream = `lifion-${mode}`;
const region = 'us-east-1';
const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
const client = new kinesis.KinesisClient({ endpoint });
const call = (operation, input) => client.send(new kinesis[`${operation}Command`]({ StreamName: stream, ...input }));

async function untilActive() {
  for (;;) {
    const { StreamDescription: description } = await call('DescribeStream');
    if (description.StreamStatus === 'ACTIVE') return description.Shards;
    await pause(50);
  }
}

class Consumers {
  constructor(count, options) {
    this.batches = [];
    this.failed = new Promise((_, reject) => { this.fail = reject; });
    this.failed.catch(() => {}); // Told by until(), whenever it is asked.
    this.processes = Array.from({ length: count }, (_, index) => this.start(index, options));
  }

  start(index, options) {
    const child = fork(path.join(__dirname, 'lifion_consumer.cjs'));
    const consumer = { child, ready: false };
    child.on('message', (message) => {
      if (message.error) this.fail(new Error(`consumer ${index}: ${message.error}`));
      if (message.ready) consumer.ready = true;
      if (message.records) this.batches.push({ consumer: index, ...message });
    });
    child.on('exit', (code) => { if (code !== 0) this.fail(new Error(`consumer ${index} ended with ${code}`)); });
    child.send(options);
    return consumer;
  }

  async until(what, condition) {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    while (!condition()) {
      assert.ok(Date.now() < deadline, `waited ${PATIENCE_MILLISECONDS / 1000} s in vain: ${what()}`);
      await Promise.race([pause(50), this.failed]);
    }
  }

  stop() {
    for (const { child } of this.processes) child.disconnect();
  }
}

// Writes every key's next number in one request after the other; `written` holds what was acknowledged, by number.
async function produce(written, while_) {
  while (while_()) {
    const n = written.length / KEYS.length;
    const { FailedRecordCount, Records } = await call('PutRecords', {
      Records: KEYS.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(JSON.stringify({ n })) })),
    });
    assert.equal(FailedRecordCount, 0);
    Records.forEach(({ ShardId, SequenceNumber }, i) => written.push({ key: KEYS[i], n, shard: ShardId, number: SequenceNumber }));
    await pause(20);
  }
}

// Splits a shard in the middle and merges the children again, with so many records in between; returns the shards after that.
async function splitAndMerge(written, shard, between) {
  const growsBy = async (count) => {
    const goal = written.length + count;
    while (written.length < goal) await pause(10);
  };
  await growsBy(120);
  const { StartingHashKey: start, EndingHashKey: end } = shard.HashKeyRange;
  await call('SplitShard', { ShardToSplit: shard.ShardId, NewStartingHashKey: `${(BigInt(start) + BigInt(end)) / 2n + 1n}` });
  const [lower, upper] = (await untilActive()).slice(-2);
  saw(`split ${shard.ShardId} into ${lower.ShardId} and ${upper.ShardId} after ${written.length} records`);
  await growsBy(between);
  await call('MergeShards', { ShardToMerge: lower.ShardId, AdjacentShardToMerge: upper.ShardId });
  const shards = await untilActive();
  saw(`merged them into ${shards.at(-1).ShardId} after ${written.length} records`);
  return shards;
}

// Once so slowly that the children are read while they are open, and once so fast that they are closed before anyone has their lease:
// then all that they hold is read up to an end that is there already.
async function reshard(written) {
  const [first] = await untilActive();
  const shards = await splitAndMerge(written, first, 400);
  return splitAndMerge(written, shards.at(-1), 24);
}

const id = ({ key, n }) => `${key}/${n}`;

function check(written, batches, shards) {
  const arrivals = batches.flatMap(({ consumer, shard, records }) => records.map((record) => ({ consumer, shard, ...record })));
  const first = new Map();
  for (const arrival of arrivals) if (!first.has(id(arrival))) first.set(id(arrival), arrival);
  const lost = written.filter((record) => !first.has(id(record)));
  assert.deepEqual(lost, [], `${lost.length} of ${written.length} records were lost`);
  assert.equal(first.size, written.length, 'nothing came that was not written');
  for (const record of written) {
    const { shard, number } = first.get(id(record));
    assert.deepEqual({ shard, number }, { shard: record.shard, number: record.number }, id(record));
  }

  // lifion-kinesis waits for a shard's ParentShardId to be read to its end, and not for the AdjacentParentShardId of a merge: a key
  // of the upper parent may go on in the child before its parent is read. So of these a key's order is that within each shard.
  const adjacent = new Set(shards.map((shard) => shard.AdjacentParentShardId).filter(Boolean));
  let overtaken = 0;
  const last = new Map();
  for (const arrival of first.values()) {
    const before = last.get(arrival.key);
    if (before !== undefined && before.n > arrival.n) {
      assert.ok(adjacent.has(arrival.shard) && before.shard !== arrival.shard, `${id(arrival)} of ${arrival.shard} came after ${id(before)} of ${before.shard}`);
      overtaken += 1;
    } else {
      last.set(arrival.key, arrival);
    }
  }
  const consumers = [...new Set(arrivals.map(({ consumer }) => consumer))].sort();
  assert.deepEqual(consumers, [0, 1], 'both consumers had shards');
  saw(`${written.length} records arrived, ${arrivals.length - first.size} of them twice, ${overtaken} of a merge's upper parent after later ones`);
}

async function main() {
  const table = dynalite({ createTableMs: 0 });
  await new Promise((resolve) => { table.listen(0, '127.0.0.1', resolve); });
  await client.send(new kinesis.CreateStreamCommand({ StreamName: stream, ShardCount: 2 }));
  await untilActive();

  const consumers = new Consumers(2, {
    ...credentials, endpoint, region, streamName: stream, consumerGroup: 'conformance', createStreamIfNeeded: false,
    dynamoDb: { ...credentials, endpoint: `http://127.0.0.1:${table.address().port}`, region },
    initialPositionInStream: 'TRIM_HORIZON', shouldParseJson: true,
    useEnhancedFanOut: mode === 'fanout', maxEnhancedConsumers: 2,
    leaseAcquisitionInterval: 500, leaseAcquisitionRecoveryInterval: 500, noRecordsPollDelay: 250,
  });
  await consumers.until(() => 'both consumers start', () => consumers.processes.every(({ ready }) => ready));
  saw('two consumers started');

  const written = [];
  let goal = Infinity;
  const producing = produce(written, () => written.length < goal);
  const shards = await Promise.race([reshard(written), producing, consumers.failed]);
  goal = written.length + RECORDS_AFTER_RESHARDING;
  await producing;

  const seen = () => new Set(consumers.batches.flatMap(({ records }) => records.map(id))).size;
  await consumers.until(() => `${seen()} of ${written.length} records arrived`, () => seen() >= written.length);
  check(written, consumers.batches, shards);
  consumers.stop();
  table.close();
  client.destroy();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
