// Another server of the API as a peer: `node peer_server.cjs kinesalite|kinesis-local`.
// It listens on a free port of 127.0.0.1, says `listening on port N`, and ends with its standard input.
'use strict';

const net = require('node:net');
const path = require('node:path');

// Both would listen on every address of the machine; kinesis-local also with TLS, on a port of its own.
const tlsPort = 1;
const plainPort = 2;
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const wanted = typeof args[0] === 'object' ? args[0].port : args[0];
  listen.call(this, 0, '127.0.0.1', ...args.filter((one) => typeof one === 'function'));
  this.once('listening', () => {
    if (Number(wanted) === plainPort) console.log(`listening on port ${this.address().port}`);
  });
  return this;
};
process.stdin.on('end', () => process.exit()).resume();

const servers = {
  kinesalite() {
    const kinesalite = require('kinesalite');
    kinesalite({ createStreamMs: 20, deleteStreamMs: 20, updateStreamMs: 20, shardLimit: 100 }).listen(plainPort);
  },
  'kinesis-local'() {
    const main = require.resolve('kinesis-local/main.js');
    // It reads files beside its program.
    process.chdir(path.dirname(main));
    Object.assign(process.env, { KINESIS_MOCK_PLAIN_PORT: `${plainPort}`, KINESIS_MOCK_TLS_PORT: `${tlsPort}`, SHARD_LIMIT: '100', LOG_LEVEL: 'ERROR' });
    for (const change of ['CREATE_STREAM', 'DELETE_STREAM', 'REGISTER_STREAM_CONSUMER', 'DEREGISTER_STREAM_CONSUMER', 'START_STREAM_ENCRYPTION',
      'STOP_STREAM_ENCRYPTION', 'MERGE_SHARDS', 'SPLIT_SHARD', 'UPDATE_SHARD_COUNT', 'UPDATE_STREAM_MODE']) {
      process.env[`${change}_DURATION`] = '20ms';
    }
    require(main);
  },
};

servers[process.argv[2]]();
