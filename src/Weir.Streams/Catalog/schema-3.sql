-- Version 3: tags of streams. Bounded by the protocol: 50 a stream, 128 characters a key, 256 a value.

CREATE TABLE tags (
    stream_id INTEGER NOT NULL REFERENCES streams (stream_id) ON DELETE CASCADE,
    tag_key   TEXT    NOT NULL,
    tag_value TEXT    NOT NULL,
    PRIMARY KEY (stream_id, tag_key)
);
