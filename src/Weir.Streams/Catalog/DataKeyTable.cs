using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Weir.Streams.Encryption;

namespace Weir.Streams.Catalog;

/// <summary>A local data key as the catalog has it.</summary>
/// <param name="Number">What stored records name it by; never reused.</param>
/// <param name="Name">What callers name it by.</param>
/// <param name="Secret">The key itself.</param>
internal sealed record DataKeyRow(uint Number, KeyName Name, byte[] Secret);

/// <summary>The part of the catalog that holds the data keys of encrypted streams. Keys are added and never changed.</summary>
/// <remarks>Thread-safe; a key is durable when the call that made it returns.</remarks>
internal sealed class DataKeyTable(CatalogDatabase database)
{
    /// <summary>Every key.</summary>
    public Task<List<DataKeyRow>> LoadAsync(CancellationToken cancellationToken) => database.RunAsync(
        () => database.Query("SELECT number, account, region, key_id, secret FROM data_keys", Read),
        cancellationToken);

    /// <summary>The key of a name, made when there is none yet.</summary>
    public Task<DataKeyRow> GetOrCreateAsync(KeyName name, CancellationToken cancellationToken) => database.RunAsync(
        () =>
        {
            database.Execute(
                """
                INSERT INTO data_keys (account, region, key_id, secret) VALUES ($account, $region, $key, $secret)
                ON CONFLICT (account, region, key_id) DO NOTHING
                """,
                ("$account", name.Account), ("$region", name.Region), ("$key", name.Name), ("$secret", RandomNumberGenerator.GetBytes(DataKey.SecretBytes)));
            return database.Query(
                "SELECT number, account, region, key_id, secret FROM data_keys WHERE account = $account AND region = $region AND key_id = $key",
                Read,
                ("$account", name.Account), ("$region", name.Region), ("$key", name.Name)).Single();
        },
        cancellationToken);

    private static DataKeyRow Read(SqliteDataReader row) => new(
        checked((uint)row.GetInt64(0)), new KeyName(row.GetString(1), row.GetString(2), row.GetString(3)), (byte[])row[4]);
}
