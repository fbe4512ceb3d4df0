using Microsoft.Data.Sqlite;
using Weir.Log;
using Weir.Streams.Consumers;

namespace Weir.Streams.Catalog;

/// <summary>The part of the catalog that holds the consumers of streams. They change beside the stream's version: nothing of the stream's own is decided by them.</summary>
/// <remarks>Thread-safe; every change is durable when its call returns.</remarks>
public sealed class ConsumerTable
{
    private readonly CatalogDatabase _database;

    internal ConsumerTable(CatalogDatabase database) => _database = database;

    /// <summary>Adds a consumer in CREATING.</summary>
    /// <returns>The row with its new id; null when the stream is not ACTIVE any more.</returns>
    public Task<ConsumerRow?> AddAsync(LogId stream, string name, DateTimeOffset createdAt, StreamTags tags, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            using var transaction = _database.BeginTransaction();
            var added = _database.Query(
                """
                INSERT INTO consumers (stream_id, name, status, created_s)
                SELECT stream_id, $name, $status, $created FROM streams WHERE stream_id = $stream AND status = $active RETURNING consumer_id
                """,
                reader => reader.GetInt64(0),
                ("$name", name), ("$status", (int)ConsumerStatus.Creating), ("$created", createdAt.ToUnixTimeSeconds()),
                ("$stream", stream.Value), ("$active", (int)StreamStatus.Active));
            if (added.Count == 0)
                return null;
            WriteTags(added[0], tags.All);
            transaction.Commit();
            return new ConsumerRow(added[0], name, ConsumerStatus.Creating, createdAt, Policy: null);
        },
        cancellationToken);

    /// <summary>Moves a consumer to another status.</summary>
    public Task SetStatusAsync(long consumer, ConsumerStatus status, CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Execute("UPDATE consumers SET status = $status WHERE consumer_id = $id", ("$status", (int)status), ("$id", consumer)),
        cancellationToken);

    /// <summary>Sets or removes a consumer's resource policy.</summary>
    /// <returns>False when there is no such consumer.</returns>
    public Task<bool> SetPolicyAsync(long consumer, string? policy, CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Execute("UPDATE consumers SET policy = $policy WHERE consumer_id = $id", ("$policy", policy), ("$id", consumer)) > 0,
        cancellationToken);

    /// <summary>Sets and removes tags.</summary>
    /// <returns>False when there is no such consumer.</returns>
    public Task<bool> ChangeTagsAsync(
        long consumer, IEnumerable<KeyValuePair<string, string>> set, IEnumerable<string> removed, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            using var transaction = _database.BeginTransaction();
            if (_database.Query("SELECT consumer_id FROM consumers WHERE consumer_id = $id", row => row.GetInt64(0), ("$id", consumer)).Count == 0)
                return false;
            WriteTags(consumer, set);
            foreach (var key in removed)
                _database.Execute("DELETE FROM consumer_tags WHERE consumer_id = $id AND tag_key = $key", ("$id", consumer), ("$key", key));
            transaction.Commit();
            return true;
        },
        cancellationToken);

    /// <summary>Removes a consumer and everything that belongs to it.</summary>
    public Task RemoveAsync(long consumer, CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Execute("DELETE FROM consumers WHERE consumer_id = $id", ("$id", consumer)),
        cancellationToken);

    /// <summary>Every consumer with its tags, by stream; only inside the database's turn.</summary>
    internal ILookup<long, (ConsumerRow Consumer, StreamTags Tags)> Load()
    {
        var tags = _database.Query("SELECT consumer_id, tag_key, tag_value FROM consumer_tags", row => (Consumer: row.GetInt64(0), Key: row.GetString(1), Value: row.GetString(2)))
            .ToLookup(row => row.Consumer, row => KeyValuePair.Create(row.Key, row.Value));
        return _database.Query("SELECT stream_id, consumer_id, name, status, created_s, policy FROM consumers", Read)
            .ToLookup(row => row.Stream, row => (row.Consumer, StreamTags.None.With(tags[row.Consumer.Id])));
    }

    private void WriteTags(long consumer, IEnumerable<KeyValuePair<string, string>> tags)
    {
        foreach (var (key, value) in tags)
        {
            _database.Execute(
                """
                INSERT INTO consumer_tags (consumer_id, tag_key, tag_value) VALUES ($id, $key, $value)
                ON CONFLICT (consumer_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value
                """,
                ("$id", consumer), ("$key", key), ("$value", value));
        }
    }

    private static (long Stream, ConsumerRow Consumer) Read(SqliteDataReader row) => (row.GetInt64(0), new ConsumerRow(
        row.GetInt64(1), row.GetString(2), (ConsumerStatus)row.GetInt32(3), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(4)),
        row.IsDBNull(5) ? null : row.GetString(5)));
}
