-- Version 3: tags of streams, and scalings.

-- Bounded by the protocol: 50 a stream, 128 characters a key, 256 a value.
CREATE TABLE tags (
    stream_id INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    tag_key   TEXT    NOT NULL,
    tag_value TEXT    NOT NULL,
    PRIMARY KEY (stream_id, tag_key)
);

-- A change to a number of equal shards that was accepted and is not finished. At most one a stream; its present step is in reshards.
CREATE TABLE scalings (
    stream_id INTEGER PRIMARY KEY REFERENCES streams (stream_id) ON DELETE CASCADE,
    target    INTEGER NOT NULL
);

-- When scalings were accepted: a stream has a quota of them in a rolling day. Older rows go when a new one comes.
CREATE TABLE scaling_times (
    stream_id   INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    accepted_ms INTEGER NOT NULL
);
CREATE INDEX scaling_times_by_stream ON scaling_times (stream_id);
