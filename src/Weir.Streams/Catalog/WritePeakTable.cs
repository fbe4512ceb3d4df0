using Weir.Log;

namespace Weir.Streams.Catalog;

/// <summary>The part of the catalog that holds the greatest write rates of on-demand streams, one row a stream and day. Beside the stream's version.</summary>
/// <remarks>Thread-safe; every change is durable when its call returns.</remarks>
public sealed class WritePeakTable
{
    private readonly CatalogDatabase _database;

    internal WritePeakTable(CatalogDatabase database) => _database = database;

    /// <summary>Sets the peak of a day, and forgets the days before <paramref name="firstDay"/>. Nothing happens when the stream is gone.</summary>
    public Task SetAsync(LogId stream, WritePeakRow peak, int firstDay, CancellationToken cancellationToken) => _database.RunAsync(
        () =>
        {
            using var transaction = _database.BeginTransaction();
            _database.Execute(
                """
                INSERT INTO write_peaks (stream_id, day, bytes_per_second)
                SELECT stream_id, $day, $rate FROM streams WHERE stream_id = $id
                ON CONFLICT (stream_id, day) DO UPDATE SET bytes_per_second = excluded.bytes_per_second
                """,
                ("$id", stream.Value), ("$day", peak.Day), ("$rate", peak.BytesPerSecond));
            _database.Execute("DELETE FROM write_peaks WHERE stream_id = $id AND day < $first", ("$id", stream.Value), ("$first", firstDay));
            transaction.Commit();
            return true;
        },
        cancellationToken);

    /// <summary>Every peak by stream; only inside the database's turn.</summary>
    internal ILookup<long, WritePeakRow> Load() => _database.Query(
        "SELECT stream_id, day, bytes_per_second FROM write_peaks",
        row => (Stream: row.GetInt64(0), Peak: new WritePeakRow(row.GetInt32(1), row.GetInt64(2)))).ToLookup(row => row.Stream, row => row.Peak);
}
