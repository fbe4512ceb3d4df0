using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Weir.Log;
using Weir.Model;

namespace Weir.Streams.Catalog;

/// <summary>What exists: streams, their shards, unfinished reshards and the server's own settings, in one SQLite database.</summary>
/// <remarks>
/// Every change is one transaction, durable when the call returns. One connection, used by one caller at a time: changes are rare
/// (control operations only), and data operations never come here. Thread-safe.
/// </remarks>
public sealed class StreamCatalog : IAsyncDisposable
{
    private readonly CatalogDatabase _database;

    private StreamCatalog(CatalogDatabase database)
    {
        _database = database;
        Consumers = new ConsumerTable(database);
        WritePeaks = new WritePeakTable(database);
        Commitments = new CommitmentTable(database);
        DataKeys = new DataKeyTable(database);
    }

    /// <summary>Readers by enhanced fan-out.</summary>
    public ConsumerTable Consumers { get; }

    /// <summary>The greatest write rates of on-demand streams.</summary>
    public WritePeakTable WritePeaks { get; }

    /// <summary>The commitments of accounts.</summary>
    public CommitmentTable Commitments { get; }

    /// <summary>Data keys of encrypted streams.</summary>
    internal DataKeyTable DataKeys { get; }

    /// <summary>Opens the catalog in a file, creating it when it does not exist.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static StreamCatalog Open(string path) => new(CatalogDatabase.Open(path));

    /// <summary>Opens a catalog that lives as long as this object.</summary>
    public static StreamCatalog InMemory() => new(CatalogDatabase.InMemory());

    /// <summary>A catalog over a database that is open. The database belongs to it.</summary>
    internal static StreamCatalog Over(CatalogDatabase database) => new(database);

    /// <summary>Everything, for the start of the engine.</summary>
    public Task<IReadOnlyList<CatalogStream>> LoadAsync(CancellationToken cancellationToken) => _database.RunAsync<IReadOnlyList<CatalogStream>>(
        () =>
        {
            var shards = _database.Query("SELECT stream_id, shard, hash_start, hash_end, parent, adjacent_parent, created_s, opened_ms, closed_ms FROM shards", ReadShard)
                .ToLookup(row => row.Stream, row => row.Shard);
            var reshards = _database.Query("SELECT stream_id, parent, adjacent, split_at FROM reshards", ReadReshard)
                .ToDictionary(row => row.Stream, row => row.Reshard);
            var tags = _database.Query("SELECT stream_id, tag_key, tag_value FROM tags", row => (Stream: row.GetInt64(0), Key: row.GetString(1), Value: row.GetString(2)))
                .ToLookup(row => row.Stream, row => KeyValuePair.Create(row.Key, row.Value));
            var scalings = _database.Query("SELECT stream_id, target FROM scalings", row => (Stream: row.GetInt64(0), Target: row.GetInt32(1)))
                .ToDictionary(row => row.Stream, row => row.Target);
            var uses = _database.Query(
                "SELECT stream_id, quota, accepted_ms FROM quota_uses ORDER BY accepted_ms",
                row => (Stream: row.GetInt64(0), Use: new QuotaUse((RollingQuota)row.GetInt32(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))))
                .ToLookup(row => row.Stream, row => row.Use);
            var policies = _database.Query("SELECT stream_id, policy FROM streams WHERE policy IS NOT NULL", row => (Stream: row.GetInt64(0), Policy: row.GetString(1)))
                .ToDictionary(row => row.Stream, row => row.Policy);
            var consumers = Consumers.Load();
            var peaks = WritePeaks.Load();
            return [.. _database.Query(
                """
                SELECT stream_id, account, region, name, status, created_ms, retention_hours, trimmed_ms, max_record_kib, initial_shards, next_shard, version,
                    mode, distribution, warm_mibps, key_id, shard_metrics
                FROM streams ORDER BY stream_id
                """,
                ReadStream).Select(row => new CatalogStream(
                    row, [.. shards[row.Id.Value]], reshards.GetValueOrDefault(row.Id.Value), StreamTags.None.With(tags[row.Id.Value]),
                    scalings.TryGetValue(row.Id.Value, out var target) ? target : null, [.. uses[row.Id.Value]])
                {
                    Policy = policies.GetValueOrDefault(row.Id.Value),
                    Consumers = [.. consumers[row.Id.Value]],
                    WritePeaks = [.. peaks[row.Id.Value]],
                })];
        },
        cancellationToken);

    /// <summary>A secret that survives restarts, made at its first use.</summary>
    public Task<byte[]> GetOrCreateSecretAsync(string name, int bytes, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            _database.Execute("INSERT INTO settings (name, value) VALUES ($name, $value) ON CONFLICT (name) DO NOTHING",
                ("$name", name), ("$value", RandomNumberGenerator.GetBytes(bytes)));
            return _database.Query("SELECT value FROM settings WHERE name = $name", reader => (byte[])reader[0], ("$name", name)).Single();
        },
        cancellationToken);

    /// <summary>Adds a stream in CREATING, with its tags.</summary>
    /// <returns>The row with its new id.</returns>
    public Task<StreamRow> AddStreamAsync(NewStream stream, DateTimeOffset createdAt, CancellationToken cancellationToken) =>
        _database.RunAsync(
            () =>
            {
                using var transaction = _database.BeginTransaction();
                var id = _database.Query(
                    """
                    INSERT INTO streams (account, region, name, status, created_ms, retention_hours, trimmed_ms, max_record_kib, initial_shards, next_shard, version,
                        mode, distribution, warm_mibps)
                    VALUES ($account, $region, $name, $status, $created, $retention, 0, $record, $shards, 0, 1, $mode, $distribution, $warm) RETURNING stream_id
                    """,
                    reader => reader.GetInt64(0),
                    ("$account", stream.Name.Account), ("$region", stream.Name.Region), ("$name", stream.Name.Name), ("$status", (int)StreamStatus.Creating),
                    ("$created", createdAt.ToUnixTimeMilliseconds()), ("$retention", KinesisLimits.MinRetentionHours),
                    ("$record", stream.MaxRecordKib), ("$shards", stream.Shards),
                    ("$mode", (int)stream.Mode), ("$distribution", (int)stream.Distribution), ("$warm", stream.WarmMibps)).Single();
                WriteTags(new LogId(id), stream.Tags.All);
                transaction.Commit();
                return new StreamRow(
                    new LogId(id), stream.Name, StreamStatus.Creating, createdAt, KinesisLimits.MinRetentionHours, DateTimeOffset.UnixEpoch,
                    stream.MaxRecordKib, stream.Shards, 0, 1)
                {
                    Mode = stream.Mode,
                    Distribution = stream.Distribution,
                    WarmMibps = stream.WarmMibps,
                };
            },
            cancellationToken);

    /// <summary>Makes a CREATING stream ACTIVE with its first shards.</summary>
    public Task<StreamRow> ActivateAsync(StreamRow stream, IReadOnlyList<ShardRow> shards, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream with { Status = StreamStatus.Active, NextShard = shards.Count },
        () => InsertShards(stream, shards),
        cancellationToken);

    /// <summary>Notes that a split or merge was accepted: the stream is UPDATING and the reshard will be finished even after a crash.</summary>
    public Task<StreamRow> BeginReshardAsync(StreamRow stream, ReshardRow reshard, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream with { Status = StreamStatus.Updating },
        () => _database.Execute("INSERT INTO reshards (stream_id, parent, adjacent, split_at) VALUES ($id, $parent, $adjacent, $at)",
            ("$id", stream.Id.Value), ("$parent", reshard.Parent.Number), ("$adjacent", reshard.Adjacent?.Number), ("$at", reshard.SplitAt?.ToString())),
        cancellationToken);

    /// <summary>Finishes a reshard: the parents are closed, the children are there, the stream has its new status; all or nothing.</summary>
    /// <param name="stream">As it was seen.</param>
    /// <param name="closed">The parents, with their closing time.</param>
    /// <param name="opened">The children.</param>
    /// <param name="then">ACTIVE, or UPDATING for a step of a scaling.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    public Task<StreamRow> FinishReshardAsync(
        StreamRow stream, IReadOnlyList<ShardRow> closed, IReadOnlyList<ShardRow> opened, StreamStatus then, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream with { Status = then, NextShard = stream.NextShard + opened.Count },
        () =>
        {
            foreach (var shard in closed)
            {
                _database.Execute("UPDATE shards SET closed_ms = $closed WHERE stream_id = $id AND shard = $shard",
                    ("$closed", shard.ClosedAt?.ToUnixTimeMilliseconds()), ("$id", stream.Id.Value), ("$shard", shard.Id.Number));
            }

            InsertShards(stream, opened);
            _database.Execute("DELETE FROM reshards WHERE stream_id = $id", ("$id", stream.Id.Value));
        },
        cancellationToken);

    /// <summary>Notes that a scaling was accepted: the stream is UPDATING, the scaling will be finished even after a crash, and it counts for the quota.</summary>
    /// <param name="stream">As it was seen.</param>
    /// <param name="changed">As it shall be; the settings may change with the number of shards.</param>
    /// <param name="target">The number of shards that the scaling leads to.</param>
    /// <param name="use">What the change uses of a rolling quota.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    public Task<StreamRow> BeginScalingAsync(
        StreamRow stream, StreamRow changed, int target, QuotaUse? use, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        changed with { Status = StreamStatus.Updating },
        () =>
        {
            _database.Execute("INSERT INTO scalings (stream_id, target) VALUES ($id, $target)", ("$id", stream.Id.Value), ("$target", target));
            if (use is { } counted)
                CountUse(stream.Id, counted);
        },
        cancellationToken);

    /// <summary>Finishes a scaling whose last step is done: the stream is ACTIVE.</summary>
    public Task<StreamRow> FinishScalingAsync(StreamRow stream, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream with { Status = StreamStatus.Active },
        () => _database.Execute("DELETE FROM scalings WHERE stream_id = $id", ("$id", stream.Id.Value)),
        cancellationToken);

    /// <summary>Changes a stream's own values: status and settings.</summary>
    /// <param name="stream">As it was seen.</param>
    /// <param name="changed">As it shall be.</param>
    /// <param name="use">What the change uses of a rolling quota.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    public Task<StreamRow> UpdateStreamAsync(StreamRow stream, StreamRow changed, QuotaUse? use, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        changed,
        () =>
        {
            if (use is { } counted)
                CountUse(stream.Id, counted);
        },
        cancellationToken);

    /// <summary>Sets or removes a stream's resource policy, beside the stream's version: nothing of the stream's own is decided by it.</summary>
    public Task SetPolicyAsync(LogId id, string? policy, CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Execute("UPDATE streams SET policy = $policy WHERE stream_id = $id", ("$policy", policy), ("$id", id.Value)),
        cancellationToken);

    /// <summary>Forgets shards that closed longer ago than the retention.</summary>
    public Task<StreamRow> RemoveShardsAsync(StreamRow stream, IReadOnlyCollection<ShardId> shards, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream,
        () =>
        {
            foreach (var shard in shards)
                _database.Execute("DELETE FROM shards WHERE stream_id = $id AND shard = $shard", ("$id", stream.Id.Value), ("$shard", shard.Number));
        },
        cancellationToken);

    /// <summary>Sets and removes tags of an ACTIVE stream.</summary>
    /// <remarks>Beside the stream's version: tags change whatever else happens to the stream, and nothing else is decided by them.</remarks>
    /// <returns>False when the stream is not ACTIVE; nothing has changed then.</returns>
    public Task<bool> ChangeTagsAsync(
        LogId id, IEnumerable<KeyValuePair<string, string>> set, IEnumerable<string> removed, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            using var transaction = _database.BeginTransaction();
            var active = _database.Query("SELECT 1 FROM streams WHERE stream_id = $id AND status = $active", static _ => true,
                ("$id", id.Value), ("$active", (int)StreamStatus.Active)).Count > 0;
            if (!active)
                return false;
            WriteTags(id, set);
            foreach (var key in removed)
                _database.Execute("DELETE FROM tags WHERE stream_id = $id AND tag_key = $key", ("$id", id.Value), ("$key", key));
            transaction.Commit();
            return true;
        },
        cancellationToken);

    /// <summary>Marks a stream as DELETING, whatever its version: nothing leads out of that status.</summary>
    public Task MarkDeletingAsync(LogId id, CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Execute("UPDATE streams SET status = $status, version = version + 1 WHERE stream_id = $id",
            ("$status", (int)StreamStatus.Deleting), ("$id", id.Value)),
        cancellationToken);

    /// <summary>Removes a stream and everything that belongs to it.</summary>
    public Task RemoveStreamAsync(LogId id, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            _database.Execute("DELETE FROM streams WHERE stream_id = $id", ("$id", id.Value));
            return true;
        },
        cancellationToken);

    /// <summary>Closes the database.</summary>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private Task<StreamRow> ChangeAsync(StreamRow seen, StreamRow changed, Action also, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            using var transaction = _database.BeginTransaction();
            var row = changed with { Version = seen.Version + 1 };
            var rows = _database.Execute(
                """
                UPDATE streams SET status = $status, retention_hours = $retention, trimmed_ms = $trimmed, max_record_kib = $record,
                    next_shard = $next, version = $version, mode = $mode, distribution = $distribution, warm_mibps = $warm, key_id = $key,
                    shard_metrics = $metrics
                WHERE stream_id = $id AND version = $seen
                """,
                ("$status", (int)row.Status), ("$retention", row.RetentionHours), ("$trimmed", row.TrimmedBefore.ToUnixTimeMilliseconds()),
                ("$record", row.MaxRecordKib), ("$next", row.NextShard), ("$version", row.Version), ("$id", row.Id.Value), ("$seen", seen.Version),
                ("$mode", (int)row.Mode), ("$distribution", (int)row.Distribution), ("$warm", row.WarmMibps), ("$key", row.KeyId),
                ("$metrics", (int)row.ShardMetrics));
            if (rows != 1)
                throw new CatalogConflictException(seen.Name, seen.Version);
            also();
            transaction.Commit();
            return row;
        },
        cancellationToken);

    private void CountUse(LogId id, QuotaUse use)
    {
        _database.Execute("DELETE FROM quota_uses WHERE stream_id = $id AND accepted_ms <= $from",
            ("$id", id.Value), ("$from", QuotaUse.CountedAfter(use.At).ToUnixTimeMilliseconds()));
        _database.Execute("INSERT INTO quota_uses (stream_id, quota, accepted_ms) VALUES ($id, $quota, $at)",
            ("$id", id.Value), ("$quota", (int)use.Quota), ("$at", use.At.ToUnixTimeMilliseconds()));
    }

    private void WriteTags(LogId id, IEnumerable<KeyValuePair<string, string>> tags)
    {
        foreach (var (key, value) in tags)
        {
            _database.Execute(
                """
                INSERT INTO tags (stream_id, tag_key, tag_value) VALUES ($id, $key, $value)
                ON CONFLICT (stream_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value
                """,
                ("$id", id.Value), ("$key", key), ("$value", value));
        }
    }

    private void InsertShards(StreamRow stream, IReadOnlyList<ShardRow> shards)
    {
        foreach (var shard in shards)
        {
            _database.Execute(
                """
                INSERT INTO shards (stream_id, shard, hash_start, hash_end, parent, adjacent_parent, created_s, opened_ms)
                VALUES ($id, $shard, $start, $end, $parent, $adjacent, $created, $opened)
                """,
                ("$id", stream.Id.Value), ("$shard", shard.Id.Number), ("$start", shard.HashKeys.Start.ToString()), ("$end", shard.HashKeys.End.ToString()),
                ("$parent", shard.Parent?.Number), ("$adjacent", shard.AdjacentParent?.Number), ("$created", shard.CreatedSeconds),
                ("$opened", shard.OpenedAt.ToUnixTimeMilliseconds()));
        }
    }

    private static StreamRow ReadStream(SqliteDataReader row) => new(
        new LogId(row.GetInt64(0)),
        new StreamName(row.GetString(1), row.GetString(2), row.GetString(3)),
        (StreamStatus)row.GetInt32(4),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
        row.GetInt32(6),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
        row.GetInt32(8),
        row.GetInt32(9),
        row.GetInt32(10),
        row.GetInt64(11))
    {
        Mode = (StreamMode)row.GetInt32(12),
        Distribution = (RecordDistribution)row.GetInt32(13),
        WarmMibps = row.GetInt32(14),
        KeyId = row.IsDBNull(15) ? null : row.GetString(15),
        ShardMetrics = (ShardMetrics)row.GetInt32(16),
    };

    private static (long Stream, ShardRow Shard) ReadShard(SqliteDataReader row) => (row.GetInt64(0), new ShardRow(
        new ShardId(row.GetInt32(1)),
        new HashKeyRange(ReadHashKey(row.GetString(2)), ReadHashKey(row.GetString(3))),
        ReadShardId(row, 4),
        ReadShardId(row, 5),
        row.GetInt64(6),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
        row.IsDBNull(8) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8))));

    private static (long Stream, ReshardRow Reshard) ReadReshard(SqliteDataReader row) => (row.GetInt64(0), new ReshardRow(
        new ShardId(row.GetInt32(1)), ReadShardId(row, 2), row.IsDBNull(3) ? null : ReadHashKey(row.GetString(3))));

    private static ShardId? ReadShardId(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : new ShardId(row.GetInt32(column));

    private static HashKey ReadHashKey(string text) =>
        HashKey.TryParse(text, out var key) ? key : throw new InvalidDataException($"The catalog holds '{text}' where a hash key belongs.");
}
