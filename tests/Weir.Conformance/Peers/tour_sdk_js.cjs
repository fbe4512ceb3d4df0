// The JavaScript SDK v3 on the tour: `node tour_sdk_js.cjs ENDPOINT`, with the SDK's folder in NODE_PATH. One request a line
// comes in, one answer a line goes out, until the input ends (tour_lines.py says what is in them). Ends with an error if
// anything was sent otherwise than over HTTP/2, which is this SDK's default for Kinesis.
'use strict';

const http = require('node:http');
const readline = require('node:readline');

let oldRequests = 0;
const request = http.request;
http.request = (...given) => { oldRequests += 1; return request(...given); };

const kinesis = require('@aws-sdk/client-kinesis');

function toClient(value) {
  if (Array.isArray(value)) return value.map(toClient);
  if (value === null || typeof value !== 'object') return value;
  if ('$base64' in value) return Buffer.from(value.$base64, 'base64');
  if ('$milliseconds' in value) return new Date(value.$milliseconds);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toClient(member)]));
}

function fromClient(value) {
  if (value instanceof Uint8Array) return { $base64: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { $milliseconds: value.getTime() };
  if (Array.isArray(value)) return value.map(fromClient);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fromClient(member)]));
}

// The events of a subscription up to the one that brings a record with this data.
async function readUntil(stream, data) {
  const events = [];
  for await (const { SubscribeToShardEvent: event, ...other } of stream) {
    if (!event) throw new Error(`an event of another kind: ${JSON.stringify(other)}`);
    events.push(event);
    if (event.Records.some((record) => Buffer.compare(Buffer.from(record.Data), data) === 0)) break;
  }
  return { Events: events };
}

async function call(client, { operation, input, until }) {
  try {
    const { $metadata, ...output } = await client.send(new kinesis[`${operation}Command`](toClient(input)));
    return { output: output.EventStream ? await readUntil(output.EventStream, toClient(until)) : output };
  } catch (error) {
    if (!(error instanceof kinesis.KinesisServiceException)) throw error;
    return { refused: { type: error.name, message: error.message, status: error.$metadata.httpStatusCode } };
  }
}

async function main(endpoint) {
  const client = new kinesis.KinesisClient({ endpoint });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(fromClient(await call(client, JSON.parse(line))))}\n`);
  }
  client.destroy();
  if (oldRequests > 0) throw new Error(`${oldRequests} requests went over HTTP/1.1`);
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
