-- Version 1: streams, shards, unfinished splits and merges. Kept to what SQLite and PostgreSQL have in common. Times are milliseconds (_ms) or seconds (_s)
-- since 1970, hash keys decimal text. docs/formats/catalog.md explains each column.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
);

CREATE TABLE streams (
    stream_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    status          INTEGER NOT NULL,
    created_ms      INTEGER NOT NULL,
    retention_hours INTEGER NOT NULL,
    max_record_kib  INTEGER NOT NULL,
    -- While CREATING: how many shards the stream gets. Afterwards the number that the next shard gets; never reused.
    initial_shards  INTEGER NOT NULL,
    next_shard      INTEGER NOT NULL,
    -- Every change compares and increments it, so that two writers cannot undo each other.
    version         INTEGER NOT NULL,
    UNIQUE (account, region, name)
);

CREATE TABLE shards (
    stream_id       INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    shard           INTEGER NOT NULL,
    hash_start      TEXT    NOT NULL,
    hash_end        TEXT    NOT NULL,
    parent          INTEGER,
    adjacent_parent INTEGER,
    created_s       INTEGER NOT NULL,
    opened_ms       INTEGER NOT NULL,
    closed_ms       INTEGER,
    PRIMARY KEY (stream_id, shard)
);

-- A split (split_at set) or merge (adjacent set) that was accepted and is not finished. At most one a stream.
CREATE TABLE reshards (
    stream_id INTEGER PRIMARY KEY REFERENCES streams (stream_id) ON DELETE CASCADE,
    parent    INTEGER NOT NULL,
    adjacent  INTEGER,
    split_at  TEXT
);
