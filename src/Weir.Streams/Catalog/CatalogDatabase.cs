using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Weir.Streams.Catalog;

/// <summary>The SQLite database under the catalog: opening it, bringing its schema up to date, and one caller at a time.</summary>
/// <remarks>
/// The schema is a series of scripts, <c>schema-1.sql</c> and up: script N leads from version N - 1 to version N. A new file runs all of
/// them, an older file those that it lacks, in one transaction. A script that has been released is never changed.
/// </remarks>
internal sealed class CatalogDatabase : IAsyncDisposable
{
    /// <summary>The schema's present version, and the number of the last script.</summary>
    public const int SchemaVersion = 4;

    private readonly SqliteConnection _connection;

    // Held across SQLite's I/O, so asynchronous. Only control operations wait here.
    private readonly SemaphoreSlim _turn = new(1, 1);

    private CatalogDatabase(SqliteConnection connection) => _connection = connection;

    static CatalogDatabase() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Opens a file, creating it when it does not exist.</summary>
    /// <exception cref="InvalidDataException">The file was written by a newer version, or is no catalog any more.</exception>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static CatalogDatabase Open(string path)
    {
        try
        {
            return Open(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }, durable: true);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB)
        {
            throw new InvalidDataException(
                $"The catalog {path} is damaged: {exception.Message} Put it back from a backup of the whole data directory: it and the logs belong together.", exception);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"The catalog {path} cannot be opened: {exception.Message} See that its disk is writable and has room.", exception);
        }
    }

    /// <summary>Opens a database that lives as long as this object.</summary>
    public static CatalogDatabase InMemory() => Open(
        new SqliteConnectionStringBuilder { DataSource = ":memory:", Pooling = false }, durable: false);

    /// <summary>Takes a connection that is open, and brings its database up to date. The connection belongs to this object, also when this throws.</summary>
    /// <exception cref="InvalidDataException">The database was written by a newer version.</exception>
    public static CatalogDatabase Over(SqliteConnection connection) => Prepare(connection, durable: false);

    /// <summary>Runs work on the database when its turn has come.</summary>
    /// <remarks>SQLite's calls block, so they run on the caller's thread-pool thread after its turn has come.</remarks>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
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

    /// <summary>Begins a transaction; only inside <see cref="RunAsync"/>. Disposed without a commit it leaves nothing.</summary>
    public SqliteTransaction BeginTransaction() => _connection.BeginTransaction();

    /// <summary>Runs a statement and says how many rows it changed; only inside <see cref="RunAsync"/>.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Reads rows; only inside <see cref="RunAsync"/>.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>Closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    /// <summary>The script that leads from version <paramref name="version"/> - 1 to <paramref name="version"/>.</summary>
    internal static string Script(int version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"schema-{version}.sql");
        using var script = new StreamReader(typeof(CatalogDatabase).Assembly.GetManifestResourceStream(name)!);
        return script.ReadToEnd();
    }

    private static CatalogDatabase Open(SqliteConnectionStringBuilder connectionString, bool durable)
    {
        var connection = new SqliteConnection(connectionString.ToString());
        try
        {
            connection.Open();
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return Prepare(connection, durable);
    }

    private static CatalogDatabase Prepare(SqliteConnection connection, bool durable)
    {
        var database = new CatalogDatabase(connection);
        try
        {
            database.Execute("PRAGMA foreign_keys = ON");
            if (durable)
            {
                // Readers of the file (an operator's sqlite3) do not block us, and a commit is on the disk when it returns.
                database.Execute("PRAGMA journal_mode = WAL");
                database.Execute("PRAGMA synchronous = FULL");
            }

            database.Migrate();
            return database;
        }
        catch
        {
            database._connection.Dispose();
            database._turn.Dispose();
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
        // All or nothing: a crash in between leaves the old version whole.
        using var transaction = _connection.BeginTransaction();
        while (version < SchemaVersion)
            Execute(Script(++version));
        Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {SchemaVersion}"));
        transaction.Commit();
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Only constants of the catalog and the embedded schema come here; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
