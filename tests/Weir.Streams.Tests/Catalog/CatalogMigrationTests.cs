using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Tests.Catalog;

/// <summary>
/// A catalog of each released schema version opens with everything that was in it. Goal: no upgrade loses a stream. Method: the files under
/// tests/fixtures are the statements of those versions, never changed.
/// </summary>
public sealed class CatalogMigrationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-catalog-").FullName;

    private string File => Path.Combine(_directory, "catalog.db");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_catalog_of_an_earlier_version_opens_with_everything_that_was_in_it_and_takes_what_is_new(int version)
    {
        Make(version);
        await using (var catalog = StreamCatalog.Open(File))
        {
            var streams = await catalog.LoadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(["orders", "water"], streams.Select(entry => entry.Stream.Name.Name));
            Assert.Equal((StreamStatus.Active, 48, 1024, 3, 4L), Values(streams[0].Stream));
            Assert.Equal((StreamStatus.Updating, 24, 2048, 1, 3L), Values(streams[1].Stream));
            Assert.Equal(version == 1 ? 0 : 1767225600500, streams[0].Stream.TrimmedBefore.ToUnixTimeMilliseconds());
            Assert.Equal([0, 1, 2], streams[0].Shards.Select(shard => shard.Id.Number));
            Assert.Equal(new HashKeyRange(new HashKey(1000), HashKey.Max), streams[0].Shards[2].HashKeys);
            Assert.Equal(new ReshardRow(new ShardId(0), null, new HashKey(77)), streams[1].Reshard);
            Assert.Equal(version < 3 ? [] : [KeyValuePair.Create("place", "harbour")], streams[0].Tags.All);
            Assert.Equal(version < 3 ? [] : [Scaling(1767225600100), Scaling(1767225600200)], streams[0].QuotaUses);
            Assert.All(streams, entry => Assert.Equal((StreamMode.Provisioned, RecordDistribution.UserPartitionKey), (entry.Stream.Mode, entry.Stream.Distribution)));
            Assert.Equal(31, (await catalog.GetOrCreateSecretAsync("token_key", 32, TestContext.Current.CancellationToken))[31]);
            Assert.True(await catalog.ChangeTagsAsync(streams[0].Stream.Id, [KeyValuePair.Create("team", "water")], [], TestContext.Current.CancellationToken));
        }

        await using var reopened = StreamCatalog.Open(File);
        Assert.Contains(KeyValuePair.Create("team", "water"), (await reopened.LoadAsync(TestContext.Current.CancellationToken))[0].Tags.All);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_catalog_of_an_earlier_version_has_the_same_tables_afterwards_as_a_new_one(int version)
    {
        Make(version);
        await StreamCatalog.Open(File).DisposeAsync();
        var other = Path.Combine(_directory, "new.db");
        await StreamCatalog.Open(other).DisposeAsync();
        Assert.Equal(Columns(other), Columns(File));
    }

    [Fact]
    public void The_first_script_is_still_what_version_1_was()
    {
        var scripted = Path.Combine(_directory, "scripted.db");
        Run(scripted, CatalogDatabase.Script(1));
        Make(version: 1);
        Assert.Equal(Columns(File), Columns(scripted));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static (StreamStatus Status, int Retention, int MaxRecord, int NextShard, long Version) Values(StreamRow row) =>
        (row.Status, row.RetentionHours, row.MaxRecordKib, row.NextShard, row.Version);

    private static QuotaUse Scaling(long milliseconds) => new(RollingQuota.Scaling, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    private void Make(int version) => Run(File, System.IO.File.ReadAllText(Path.Combine(Fixtures(), $"catalog-v{version}", "catalog.sql")));

    private static void Run(string file, string script)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = script;
        command.ExecuteNonQuery();
    }

    private static List<string> Columns(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT t.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk
            FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.name
            """;
        using var reader = command.ExecuteReader();
        var columns = new List<string>();
        while (reader.Read())
            columns.Add(reader.GetString(0));
        return columns;
    }

    private static string Fixtures([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "fixtures");
}
