using Microsoft.Data.Sqlite;
using Weir.Log;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>The catalog of a backup: a copy of the file as it was at one moment, and what has to be changed in it for the logs beside it.</summary>
/// <remarks>The schema stays that of the source, whatever this version knows: a copy of an older server's directory is one that it can open.</remarks>
internal sealed class CatalogCopy(string file)
{
    // The tables of data keys came with this version; before it nothing was encrypted.
    private const int FirstVersionWithKeys = 4;

    /// <summary>Copies a catalog inside one read transaction, into a file that only its owner can read: it holds the keys of encrypted streams.</summary>
    public void TakeFrom(string source)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        // SQLite gives its own files beside it the same mode.
        new FileStream(file, options).Dispose();
        using var to = Open();
        CatalogSnapshot.CopyTo(to, source);
    }

    /// <summary>Marks streams as being deleted: whoever opens the copy finishes that.</summary>
    public void MarkDeleting(IEnumerable<LogId> streams) => Change(connection =>
    {
        foreach (var id in streams)
        {
            Execute(connection, "UPDATE streams SET status = $status, version = version + 1 WHERE stream_id = $id",
                ("$status", (int)StreamStatus.Deleting), ("$id", id.Value));
        }
    });

    /// <summary>Adds keys that were made after the copy: records that were copied later may need them.</summary>
    public void AddKeys(IEnumerable<DataKeyRow> keys, int schemaVersion)
    {
        if (schemaVersion < FirstVersionWithKeys)
            return;
        Change(connection =>
        {
            foreach (var key in keys)
            {
                Execute(connection,
                    "INSERT INTO data_keys (number, account, region, key_id, secret) VALUES ($number, $account, $region, $key, $secret) ON CONFLICT DO NOTHING",
                    ("$number", (long)key.Number), ("$account", key.Name.Account), ("$region", key.Name.Region), ("$key", key.Name.Name), ("$secret", key.Secret));
            }
        });
    }

    /// <summary>Leaves one file that holds everything: nothing of SQLite's stays beside it.</summary>
    public void Finish()
    {
        using var connection = Open();
        Execute(connection, "PRAGMA journal_mode = DELETE");
    }

    private void Change(Action<SqliteConnection> change)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        change(connection);
        transaction.Commit();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, Mode = SqliteOpenMode.ReadWrite }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above come here; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }
}
