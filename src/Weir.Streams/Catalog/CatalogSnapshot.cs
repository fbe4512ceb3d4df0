using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Weir.Streams.Catalog;

/// <summary>A catalog file as it was at one moment, in memory: for whoever looks on while a server may be changing it.</summary>
/// <remarks>
/// SQLite copies it inside one read transaction, which neither waits for the server nor makes it wait. What the snapshot brings up to date is its own copy.
/// Not thread-safe.
/// </remarks>
internal sealed class CatalogSnapshot : IAsyncDisposable
{
    // SQLITE_CANTOPEN and SQLITE_READONLY.
    private const int CannotOpen = 14;
    private const int ReadOnly = 8;

    private readonly StreamCatalog _catalog;

    private CatalogSnapshot(StreamCatalog catalog, int version, List<string> problems) => (_catalog, SchemaVersion, Problems) = (catalog, version, problems);

    static CatalogSnapshot() => SQLitePCL.Batteries_V2.Init();

    /// <summary>The version that the file has.</summary>
    public int SchemaVersion { get; }

    /// <summary>What SQLite itself finds wrong with the file; empty when it is whole.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Every stream.</summary>
    public required IReadOnlyList<CatalogStream> Streams { get; init; }

    /// <summary>Every data key.</summary>
    public required IReadOnlyList<DataKeyRow> DataKeys { get; init; }

    /// <summary>Takes a snapshot.</summary>
    /// <exception cref="SqliteException">The file is no database, or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file was written by a newer version, or holds something else than a catalog does.</exception>
    public static async Task<CatalogSnapshot> TakeAsync(string file, CancellationToken cancellationToken)
    {
        var memory = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = ":memory:", Pooling = false }.ToString());
        try
        {
            memory.Open();
            CopyTo(memory, file);
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        var version = int.Parse(Ask(memory, "PRAGMA user_version")[0], CultureInfo.InvariantCulture);
        var problems = Ask(memory, "PRAGMA integrity_check").Where(line => line != "ok").ToList();
        problems.AddRange(Ask(memory, "PRAGMA foreign_key_check").Select(table => $"a row of {table} belongs to no other"));
        var catalog = StreamCatalog.Over(CatalogDatabase.Over(memory));
        try
        {
            return new CatalogSnapshot(catalog, version, problems)
            {
                Streams = await catalog.LoadAsync(cancellationToken).ConfigureAwait(false),
                DataKeys = await catalog.DataKeys.LoadAsync(cancellationToken).ConfigureAwait(false),
            };
        }
        catch
        {
            await catalog.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Copies a catalog file as it is at one moment into another database.</summary>
    /// <exception cref="SqliteException">The file is no database, or cannot be read.</exception>
    public static void CopyTo(SqliteConnection target, string file)
    {
        try
        {
            using var source = OpenToRead(file);
            source.BackupDatabase(target);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is CannotOpen or ReadOnly && !DataDirectory.IsInUse(Path.GetDirectoryName(file)!))
        {
            // SQLite wants to make its shared memory beside the file, and may not: a read-only file system, or another user's directory. Nobody is
            // writing, so a private copy of the file and its journal is the same database.
            var aside = Directory.CreateTempSubdirectory("weir-catalog-").FullName;
            try
            {
                var copy = Path.Combine(aside, "catalog.db");
                File.Copy(file, copy);
                if (File.Exists(file + "-wal"))
                    File.Copy(file + "-wal", copy + "-wal");
                using var source = OpenToRead(copy);
                source.BackupDatabase(target);
            }
            finally
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }

    public ValueTask DisposeAsync() => _catalog.DisposeAsync();

    // Without the means to change it.
    private static SqliteConnection OpenToRead(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ToString());
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

    private static List<string> Ask(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above come here.
        command.CommandText = pragma;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
            lines.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return lines;
    }
}
