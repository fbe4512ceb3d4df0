// aws-kinesis-agg as a peer: `node aggregation_peer.cjs aggregate|deaggregate`, one case a line on stdin and stdout.
//   deaggregate   base64 of a record's payload    ->  JSON [[partition key, explicit hash key or null, base64 of the data], ...]
//   aggregate     the same JSON                   ->  base64 of the payload, or null when it does not fit into one record
'use strict';

const readline = require('node:readline');
const { RecordAggregator, deaggregateSync } = require('aws-kinesis-agg');

const cases = {
  deaggregate(line) {
    let found;
    deaggregateSync({ data: line, partitionKey: 'outer', sequenceNumber: '1' }, true, (error, records) => {
      if (error) throw error;
      found = records;
    });
    return JSON.stringify(found.map((record, index) => {
      if (record.subSequenceNumber !== index) throw new Error(`${index} has the sub-sequence number ${record.subSequenceNumber}`);
      return [record.partitionKey, record.explicitPartitionKey ?? null, record.data];
    }));
  },
  aggregate(line) {
    let payload = null;
    const aggregator = new RecordAggregator((error, record) => {
      if (error) throw error;
      payload = record.data.toString('base64');
    });
    for (const [partitionKey, explicitHashKey, data] of JSON.parse(line)) {
      aggregator.addUserRecord({ partitionKey, explicitHashKey: explicitHashKey ?? undefined, data: Buffer.from(data, 'base64') });
    }
    aggregator.flushBufferedRecords();
    return JSON.stringify(payload);
  },
};

const run = cases[process.argv[2]];
readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => console.log(run(line)));
