// What the scenarios of the JavaScript SDK have in common: calls that wait for throttles, expected refusals, whole reads.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const kinesis = require('@aws-sdk/client-kinesis');

const ACCOUNT = '000000000000';
const HASH_KEYS = 2n ** 128n;
const MIDDLE = HASH_KEYS / 2n;
const FIRST = 'shardId-000000000000';

const saw = (text) => console.log(text);
const freshName = (prefix) => `${prefix}-${crypto.randomUUID().slice(0, 12)}`;
const hashKey = (key) => BigInt(`0x${crypto.createHash('md5').update(key, 'utf8').digest('hex')}`);

async function call(client, operation, input) {
  // The SDK retries what is throttled a few times; a reader that outruns five reads a second waits longer.
  for (let i = 0; i < 20; i += 1) {
    try {
      const { $metadata, ...output } = await client.send(new kinesis[`${operation}Command`](input));
      return output;
    } catch (error) {
      if (!(error instanceof kinesis.ProvisionedThroughputExceededException)) throw error;
    }
  }
  throw new assert.AssertionError({ message: `${operation} was throttled for ever` });
}

async function refused(client, type, operation, input) {
  try {
    await client.send(new kinesis[`${operation}Command`](input));
  } catch (error) {
    assert.equal(error.name, type, `${operation}: ${error.message}`);
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    // Errors of the model are classes of their own, the others are of the service's base class.
    assert.ok(error instanceof (kinesis[type] ?? kinesis.KinesisServiceException), `${type} is a typed error`);
    return error.message;
  }
  throw new assert.AssertionError({ message: `${operation}: expected ${type}, but it succeeded` });
}

async function untilActive(client, StreamName) {
  const waited = await kinesis.waitUntilStreamExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
  assert.equal(waited.state, 'SUCCESS');
  return (await call(client, 'DescribeStream', { StreamName })).StreamDescription;
}

async function create(client, StreamName, ShardCount) {
  await call(client, 'CreateStream', { StreamName, ShardCount });
  return untilActive(client, StreamName);
}

const iterator = async (client, StreamName, ShardId, ShardIteratorType, more = {}) =>
  (await call(client, 'GetShardIterator', { StreamName, ShardId, ShardIteratorType, ...more })).ShardIterator;

async function read(client, position, Limit) {
  const records = [];
  for (;;) {
    const page = await call(client, 'GetRecords', { ShardIterator: position, ...(Limit ? { Limit } : {}) });
    records.push(...page.Records);
    position = page.NextShardIterator;
    assert.equal(position === undefined, (page.ChildShards ?? []).length > 0, 'ChildShards are told exactly at the end of a shard');
    if (position === undefined || page.MillisBehindLatest === 0) return { records, page };
  }
}

const asWritten = (records) =>
  records.map((record) => [record.SequenceNumber, record.PartitionKey, Buffer.from(record.Data).toString('hex')]);

module.exports = {
  ACCOUNT, HASH_KEYS, MIDDLE, FIRST, saw, freshName, hashKey, call, refused, untilActive, create, iterator, read, asWritten,
};
