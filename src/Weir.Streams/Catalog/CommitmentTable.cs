using Microsoft.Data.Sqlite;
using Weir.Streams.Accounts;

namespace Weir.Streams.Catalog;

/// <summary>The part of the catalog that holds the throughput commitments of accounts, one row an account and region.</summary>
/// <remarks>Thread-safe; every change is durable when its call returns.</remarks>
public sealed class CommitmentTable
{
    private readonly CatalogDatabase _database;

    internal CommitmentTable(CatalogDatabase database) => _database = database;

    /// <summary>Every commitment that there is or was, for the start of the engine.</summary>
    public Task<List<(string Account, string Region, Commitment Commitment)>> LoadAsync(CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Query(
            "SELECT account, region, status, started_ms, ended_ms, earliest_end_ms FROM commitments",
            row => (row.GetString(0), row.GetString(1), new Commitment((CommitmentStatus)row.GetInt32(2), Time(row, 3), Time(row, 4), Time(row, 5)))),
        cancellationToken);

    /// <summary>Sets the commitment of an account in a region.</summary>
    public Task SetAsync(string account, string region, Commitment commitment, CancellationToken cancellationToken) => _database.RunAsync(
        () => _database.Execute(
            """
            INSERT INTO commitments (account, region, status, started_ms, ended_ms, earliest_end_ms)
            VALUES ($account, $region, $status, $started, $ended, $earliest)
            ON CONFLICT (account, region) DO UPDATE SET status = excluded.status, started_ms = excluded.started_ms,
                ended_ms = excluded.ended_ms, earliest_end_ms = excluded.earliest_end_ms
            """,
            ("$account", account), ("$region", region), ("$status", (int)commitment.Status),
            ("$started", commitment.StartedAt?.ToUnixTimeMilliseconds()), ("$ended", commitment.EndedAt?.ToUnixTimeMilliseconds()),
            ("$earliest", commitment.EarliestEndAt?.ToUnixTimeMilliseconds())),
        cancellationToken);

    private static DateTimeOffset? Time(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
