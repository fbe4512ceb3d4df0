-- Version 4: modes, encryption, shard-level metrics, distribution, warm throughput, policies, consumers, settings of accounts.

-- 1 provisioned, 2 on-demand.
ALTER TABLE streams ADD COLUMN mode INTEGER NOT NULL DEFAULT 1;
-- 1 by partition key, 2 by the server.
ALTER TABLE streams ADD COLUMN distribution INTEGER NOT NULL DEFAULT 1;
-- MiB per second that an on-demand stream has to carry at once; 0 when nothing was asked for.
ALTER TABLE streams ADD COLUMN warm_mibps INTEGER NOT NULL DEFAULT 0;
-- The key that new records are encrypted with, as the caller named it; NULL for a stream that is not encrypted.
ALTER TABLE streams ADD COLUMN key_id TEXT;
-- One bit for each shard-level metric that is switched on.
ALTER TABLE streams ADD COLUMN shard_metrics INTEGER NOT NULL DEFAULT 0;
-- The resource policy, the text as given.
ALTER TABLE streams ADD COLUMN policy TEXT;

-- Readers by enhanced fan-out. Bounded by the protocol: 20 or 50 a stream.
CREATE TABLE consumers (
    consumer_id INTEGER PRIMARY KEY AUTOINCREMENT,
    stream_id   INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    -- 1 creating, 2 active, 3 deleting.
    status      INTEGER NOT NULL,
    -- Whole seconds, for they are part of the consumer's ARN.
    created_s   INTEGER NOT NULL,
    policy      TEXT,
    UNIQUE (stream_id, name)
);

CREATE TABLE consumer_tags (
    consumer_id INTEGER NOT NULL REFERENCES consumers (consumer_id) ON DELETE CASCADE,
    tag_key     TEXT    NOT NULL,
    tag_value   TEXT    NOT NULL,
    PRIMARY KEY (consumer_id, tag_key)
);

-- When changes were accepted of which a stream has a quota in a rolling day. Older rows go when a new one comes.
CREATE TABLE quota_uses (
    stream_id   INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    -- 1 scaling, 2 change of mode, 3 change of encryption.
    quota       INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL
);
CREATE INDEX quota_uses_by_stream ON quota_uses (stream_id);
INSERT INTO quota_uses (stream_id, quota, accepted_ms) SELECT stream_id, 1, accepted_ms FROM scaling_times;
DROP TABLE scaling_times;

-- The greatest write rate of an on-demand stream in each of the last 30 days; its shards have to carry twice as much.
CREATE TABLE write_peaks (
    stream_id        INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    -- Days since 1970.
    day              INTEGER NOT NULL,
    bytes_per_second INTEGER NOT NULL,
    PRIMARY KEY (stream_id, day)
);

-- Local data keys of encrypted streams, made at their first use.
CREATE TABLE data_keys (
    account TEXT    NOT NULL,
    region  TEXT    NOT NULL,
    key_id  TEXT    NOT NULL,
    -- What stored records name the key by; never reused.
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    secret  BLOB    NOT NULL,
    UNIQUE (account, region, key_id)
);

-- The throughput commitment of an account in a region; no row when there never was one. Times are NULL until they are known.
CREATE TABLE commitments (
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    -- 1 disabled, 2 enabled, 3 enabled until the earliest end that is allowed.
    status          INTEGER NOT NULL,
    started_ms      INTEGER,
    ended_ms        INTEGER,
    earliest_end_ms INTEGER,
    PRIMARY KEY (account, region)
);
