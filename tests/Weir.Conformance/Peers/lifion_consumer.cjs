// One consumer process: `fork`ed by lifion_peer.cjs, with the options of lifion-kinesis as the first message. It sends
// {shard, records: [{key, n, number}]} for every batch, {ready: true} once it has started, and the error when there is one.
//
// lifion-kinesis 1.3.3 and lifion-aws-event-stream 1.0.7 are the newest that npm has. Three things in them cannot work, with
// this server or another, and are put right below from outside; docs/compatibility.md tells a user of theirs the same.
'use strict';

const dns = require('node:dns');

// 1. SubscribeToShard goes to AWS's own name whatever the `endpoint` says, though to the endpoint's port
//    (lifion/lifion-kinesis#746). So in this process that name means this machine.
const lookup = dns.lookup;
dns.lookup = (name, ...more) => lookup(/^kinesis\.[a-z0-9-]+\.amazonaws\.com$/.test(name) ? '127.0.0.1' : name, ...more);

// 2. The parser of events takes one message from every read, and the next length from the start of the next read: two messages
//    that come together bring it out of step, and what comes together with the end of the stream is never seen.
const { Parser, parse } = require('lifion-aws-event-stream');
Parser.prototype._transform = function transform(chunk, encoding, callback) {
  this.dataBuffer = Buffer.concat([this.dataBuffer, chunk]);
  while (this.dataBuffer.length >= 4 && this.dataBuffer.length >= this.dataBuffer.readUInt32BE(0)) {
    const length = this.dataBuffer.readUInt32BE(0);
    this.push(parse(this.dataBuffer.subarray(0, length)));
    this.dataBuffer = this.dataBuffer.subarray(length);
  }
  callback();
};

const Kinesis = require('lifion-kinesis');

const describe = (error) => error.stack ?? String(error);

process.once('message', async (options) => {
  // What it does is of interest only where something went wrong.
  const log = process.env.LIFION_LOG ? (...said) => console.error(process.pid, new Date().toISOString(), ...said) : () => {};
  const consumer = new Kinesis({ ...options, logger: { debug: log, warn: log, error: log } });
  consumer.on('error', (error) => process.send({ error: describe(error) }));
  consumer.on('data', ({ shardId, records }) => process.send({
    shard: shardId,
    records: records.map(({ data, partitionKey, sequenceNumber }) => ({ key: partitionKey, n: data.n, number: sequenceNumber })),
  }));
  try {
    await consumer.startConsumer();
    process.send({ ready: true });
  } catch (error) {
    process.send({ error: describe(error) });
  }
});

// 3. Not by stopConsumer(): it throws as soon as one shard has been read to its end.
process.once('disconnect', () => process.exit(0));
