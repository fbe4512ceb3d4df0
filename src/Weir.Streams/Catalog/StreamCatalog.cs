using System.Globalization;
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
    // Nothing was noted before, so nothing more is hidden than the retention hides.
    private const string FromVersion1 = "ALTER TABLE streams ADD COLUMN trimmed_ms INTEGER NOT NULL DEFAULT 0";

    private const int SchemaVersion = 2;

    private readonly SqliteConnection _connection;

    // Held across SQLite's I/O, so asynchronous. Only control operations wait here.
    private readonly SemaphoreSlim _turn = new(1, 1);

    private StreamCatalog(SqliteConnection connection) => _connection = connection;

    static StreamCatalog() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Opens the catalog in a file, creating it when it does not exist.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static StreamCatalog Open(string path) => Open(
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }, durable: true);

    /// <summary>Opens a catalog that lives as long as this object.</summary>
    public static StreamCatalog InMemory() => Open(
        new SqliteConnectionStringBuilder { DataSource = ":memory:", Pooling = false }, durable: false);

    /// <summary>Everything, for the start of the engine.</summary>
    public Task<IReadOnlyList<CatalogStream>> LoadAsync(CancellationToken cancellationToken) => RunAsync<IReadOnlyList<CatalogStream>>(
        () =>
        {
            var shards = Query("SELECT stream_id, shard, hash_start, hash_end, parent, adjacent_parent, created_s, opened_ms, closed_ms FROM shards", ReadShard)
                .ToLookup(row => row.Stream, row => row.Shard);
            var reshards = Query("SELECT stream_id, parent, adjacent, split_at FROM reshards", ReadReshard)
                .ToDictionary(row => row.Stream, row => row.Reshard);
            return [.. Query(
                "SELECT stream_id, account, region, name, status, created_ms, retention_hours, trimmed_ms, max_record_kib, initial_shards, next_shard, version FROM streams ORDER BY stream_id",
                ReadStream).Select(row => new CatalogStream(row, [.. shards[row.Id.Value]], reshards.GetValueOrDefault(row.Id.Value)))];
        },
        cancellationToken);

    /// <summary>A secret that survives restarts, made at its first use.</summary>
    public Task<byte[]> GetOrCreateSecretAsync(string name, int bytes, CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            Execute("INSERT INTO settings (name, value) VALUES ($name, $value) ON CONFLICT (name) DO NOTHING",
                ("$name", name), ("$value", RandomNumberGenerator.GetBytes(bytes)));
            return Query("SELECT value FROM settings WHERE name = $name", reader => (byte[])reader[0], ("$name", name)).Single();
        },
        cancellationToken);

    /// <summary>Adds a stream in CREATING.</summary>
    /// <returns>The row with its new id.</returns>
    public Task<StreamRow> AddStreamAsync(StreamName name, DateTimeOffset createdAt, int initialShards, int maxRecordKib, CancellationToken cancellationToken) =>
        RunAsync(
            () =>
            {
                var id = Query(
                    """
                    INSERT INTO streams (account, region, name, status, created_ms, retention_hours, trimmed_ms, max_record_kib, initial_shards, next_shard, version)
                    VALUES ($account, $region, $name, $status, $created, $retention, 0, $record, $shards, 0, 1) RETURNING stream_id
                    """,
                    reader => reader.GetInt64(0),
                    ("$account", name.Account), ("$region", name.Region), ("$name", name.Name), ("$status", (int)StreamStatus.Creating),
                    ("$created", createdAt.ToUnixTimeMilliseconds()), ("$retention", KinesisLimits.MinRetentionHours),
                    ("$record", maxRecordKib), ("$shards", initialShards)).Single();
                return new StreamRow(
                    new LogId(id), name, StreamStatus.Creating, createdAt, KinesisLimits.MinRetentionHours, DateTimeOffset.UnixEpoch,
                    maxRecordKib, initialShards, 0, 1);
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
        () => Execute("INSERT INTO reshards (stream_id, parent, adjacent, split_at) VALUES ($id, $parent, $adjacent, $at)",
            ("$id", stream.Id.Value), ("$parent", reshard.Parent.Number), ("$adjacent", reshard.Adjacent?.Number), ("$at", reshard.SplitAt?.ToString())),
        cancellationToken);

    /// <summary>Finishes a reshard: the parents are closed, the children are there, the stream is ACTIVE; all or nothing.</summary>
    public Task<StreamRow> FinishReshardAsync(
        StreamRow stream, IReadOnlyList<ShardRow> closed, IReadOnlyList<ShardRow> opened, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream with { Status = StreamStatus.Active, NextShard = stream.NextShard + opened.Count },
        () =>
        {
            foreach (var shard in closed)
            {
                Execute("UPDATE shards SET closed_ms = $closed WHERE stream_id = $id AND shard = $shard",
                    ("$closed", shard.ClosedAt?.ToUnixTimeMilliseconds()), ("$id", stream.Id.Value), ("$shard", shard.Id.Number));
            }

            InsertShards(stream, opened);
            Execute("DELETE FROM reshards WHERE stream_id = $id", ("$id", stream.Id.Value));
        },
        cancellationToken);

    /// <summary>Changes a stream's own values: status or retention.</summary>
    public Task<StreamRow> UpdateStreamAsync(StreamRow stream, StreamRow changed, CancellationToken cancellationToken) =>
        ChangeAsync(stream, changed, static () => { }, cancellationToken);

    /// <summary>Forgets shards that closed longer ago than the retention.</summary>
    public Task<StreamRow> RemoveShardsAsync(StreamRow stream, IReadOnlyCollection<ShardId> shards, CancellationToken cancellationToken) => ChangeAsync(
        stream,
        stream,
        () =>
        {
            foreach (var shard in shards)
                Execute("DELETE FROM shards WHERE stream_id = $id AND shard = $shard", ("$id", stream.Id.Value), ("$shard", shard.Number));
        },
        cancellationToken);

    /// <summary>Marks a stream as DELETING, whatever its version: nothing leads out of that status.</summary>
    public Task MarkDeletingAsync(LogId id, CancellationToken cancellationToken) => RunAsync(
        () => Execute("UPDATE streams SET status = $status, version = version + 1 WHERE stream_id = $id",
            ("$status", (int)StreamStatus.Deleting), ("$id", id.Value)),
        cancellationToken);

    /// <summary>Removes a stream and everything that belongs to it.</summary>
    public Task RemoveStreamAsync(LogId id, CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            Execute("DELETE FROM streams WHERE stream_id = $id", ("$id", id.Value));
            return true;
        },
        cancellationToken);

    /// <summary>Closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private static StreamCatalog Open(SqliteConnectionStringBuilder connectionString, bool durable)
    {
        var catalog = new StreamCatalog(new SqliteConnection(connectionString.ToString()));
        try
        {
            catalog._connection.Open();
            catalog.Execute("PRAGMA foreign_keys = ON");
            if (durable)
            {
                // Readers of the file (an operator's sqlite3) do not block us, and a commit is on the disk when it returns.
                catalog.Execute("PRAGMA journal_mode = WAL");
                catalog.Execute("PRAGMA synchronous = FULL");
            }

            catalog.Migrate();
            return catalog;
        }
        catch
        {
            catalog._connection.Dispose();
            throw;
        }
    }

    private void Migrate()
    {
        var version = Query("PRAGMA user_version", reader => reader.GetInt32(0)).Single();
        if (version > SchemaVersion)
            throw new InvalidDataException($"The catalog has schema version {version}; this server knows versions up to {SchemaVersion}. Use a newer Weir.");
        if (version == SchemaVersion)
            return;
        using var schema = new StreamReader(typeof(StreamCatalog).Assembly.GetManifestResourceStream("schema.sql")!);
        using var transaction = _connection.BeginTransaction();
        Execute(version == 0 ? schema.ReadToEnd() : FromVersion1);
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SchemaVersion}"));
        transaction.Commit();
    }

    private Task<StreamRow> ChangeAsync(StreamRow seen, StreamRow changed, Action also, CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            using var transaction = _connection.BeginTransaction();
            var row = changed with { Version = seen.Version + 1 };
            var rows = Execute(
                """
                UPDATE streams SET status = $status, retention_hours = $retention, trimmed_ms = $trimmed, max_record_kib = $record,
                    next_shard = $next, version = $version
                WHERE stream_id = $id AND version = $seen
                """,
                ("$status", (int)row.Status), ("$retention", row.RetentionHours), ("$trimmed", row.TrimmedBefore.ToUnixTimeMilliseconds()),
                ("$record", row.MaxRecordKib), ("$next", row.NextShard), ("$version", row.Version), ("$id", row.Id.Value), ("$seen", seen.Version));
            if (rows != 1)
                throw new CatalogConflictException(seen.Name, seen.Version);
            also();
            transaction.Commit();
            return row;
        },
        cancellationToken);

    private void InsertShards(StreamRow stream, IReadOnlyList<ShardRow> shards)
    {
        foreach (var shard in shards)
        {
            Execute(
                """
                INSERT INTO shards (stream_id, shard, hash_start, hash_end, parent, adjacent_parent, created_s, opened_ms)
                VALUES ($id, $shard, $start, $end, $parent, $adjacent, $created, $opened)
                """,
                ("$id", stream.Id.Value), ("$shard", shard.Id.Number), ("$start", shard.HashKeys.Start.ToString()), ("$end", shard.HashKeys.End.ToString()),
                ("$parent", shard.Parent?.Number), ("$adjacent", shard.AdjacentParent?.Number), ("$created", shard.CreatedSeconds),
                ("$opened", shard.OpenedAt.ToUnixTimeMilliseconds()));
        }
    }

    // SQLite's calls block, so they run on the caller's thread-pool thread after its turn has come.
    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return work();
        }
        finally
        {
            _turn.Release();
        }
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Only constants of this file and the embedded schema come here; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
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
        row.GetInt64(11));

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
