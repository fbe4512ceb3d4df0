using Microsoft.Data.Sqlite;
using Weir.Model;
using Weir.Streams.Catalog;

namespace Weir.Streams.Tests.Catalog;

public sealed class StreamCatalogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-catalog-").FullName;

    private string File => Path.Combine(_directory, "catalog.db");

    [Fact]
    public async Task Streams_shards_and_intents_are_there_after_reopening()
    {
        StreamRow updating;
        await using (var catalog = StreamCatalog.Open(File))
        {
            var row = await catalog.AddStreamAsync(new NewStream(EngineFixture.Name("orders"), 1) { MaxRecordKib = 2048 }, EngineFixture.Begin, TestContext.Current.CancellationToken);
            row = await catalog.ActivateAsync(row, [new ShardRow(new ShardId(0), HashKeyRange.Whole, null, null, 5, EngineFixture.Begin, null)], TestContext.Current.CancellationToken);
            updating = await catalog.BeginReshardAsync(row, new ReshardRow(new ShardId(0), null, new HashKey(77)), TestContext.Current.CancellationToken);
        }

        await using var reopened = StreamCatalog.Open(File);
        var entry = Assert.Single(await reopened.LoadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(updating, entry.Stream);
        Assert.Equal(new ReshardRow(new ShardId(0), null, new HashKey(77)), entry.Reshard);
        Assert.Equal(new ShardRow(new ShardId(0), HashKeyRange.Whole, null, null, 5, EngineFixture.Begin, null), Assert.Single(entry.Shards));
    }

    [Fact]
    public async Task A_change_that_saw_an_older_version_is_refused_whole()
    {
        await using var catalog = StreamCatalog.InMemory();
        var row = await catalog.AddStreamAsync(new NewStream(EngineFixture.Name("orders"), 1), EngineFixture.Begin, TestContext.Current.CancellationToken);
        var shard = new ShardRow(new ShardId(0), HashKeyRange.Whole, null, null, 5, EngineFixture.Begin, null);
        await catalog.UpdateStreamAsync(row, row with { RetentionHours = 48 }, use: null, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<CatalogConflictException>(() => catalog.ActivateAsync(row, [shard], TestContext.Current.CancellationToken));
        Assert.Empty(Assert.Single(await catalog.LoadAsync(TestContext.Current.CancellationToken)).Shards);
    }

    [Fact]
    public async Task Identities_are_never_reused()
    {
        await using var catalog = StreamCatalog.InMemory();
        var first = await catalog.AddStreamAsync(new NewStream(EngineFixture.Name("orders"), 1), EngineFixture.Begin, TestContext.Current.CancellationToken);
        await catalog.RemoveStreamAsync(first.Id, TestContext.Current.CancellationToken);
        var second = await catalog.AddStreamAsync(new NewStream(EngineFixture.Name("orders"), 1), EngineFixture.Begin, TestContext.Current.CancellationToken);
        Assert.True(second.Id.Value > first.Id.Value);
    }

    [Fact]
    public async Task A_secret_is_made_once()
    {
        byte[] first;
        await using (var catalog = StreamCatalog.Open(File))
            first = await catalog.GetOrCreateSecretAsync("key", 32, TestContext.Current.CancellationToken);
        await using var reopened = StreamCatalog.Open(File);
        Assert.Equal(first, await reopened.GetOrCreateSecretAsync("key", 32, TestContext.Current.CancellationToken));
        Assert.NotEqual(first, await reopened.GetOrCreateSecretAsync("other", 32, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_catalog_of_a_newer_version_is_refused()
    {
        await StreamCatalog.Open(File).DisposeAsync();
        using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        Assert.Contains("99", Assert.Throws<InvalidDataException>(() => StreamCatalog.Open(File)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
