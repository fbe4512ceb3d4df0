using Microsoft.Data.Sqlite;
using Weir.Log.Integrity;
using Weir.Model;
using Weir.Streams.Integrity;
using Weir.TestKit;

namespace Weir.Streams.Tests.Integrity;

public sealed class DataCheckTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-check-").FullName;

    private StoredEngine _source = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await StoredEngine.OpenAsync(_directory, new ManualTimeProvider(EngineFixture.Begin));
        var stream = await _source.CreateAsync("orders", 2);
        for (var i = 0; i < 120; i++)
        {
            await _source.PutAsync(stream, $"record-{i}");
            _source.Time.Advance(TimeSpan.FromSeconds(1));
            if (i == 60)
                await _source.Engine.Resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000));
        }

        await _source.DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_whole_directory_has_no_findings_and_is_described_with_the_numbers_that_were_given_out()
    {
        var report = await _source.CheckAsync();
        Assert.Empty(report.Findings);
        Assert.False(report.WasInUse);
        var stream = Assert.Single(report.Streams);
        Assert.Equal([true, false, false, false], stream.Shards.Select(shard => shard.Row.ClosedAt is not null));
        var survey = Assert.Single((await DataSurvey.RunAsync(_directory, "orders", TestContext.Current.CancellationToken)).Streams);
        foreach (var shard in survey.Shards.Where(shard => shard.OldestRecord is not null))
        {
            Assert.Contains(shard.OldestRecord!.Value, _source.Acknowledged.Values);
            Assert.Contains(shard.NewestRecord!.Value, _source.Acknowledged.Values);
            Assert.True(shard.StartingSequenceNumber.CompareTo(shard.OldestRecord.Value) < 0);
        }

        Assert.Equal(_source.Acknowledged.Count, survey.Log!.Segments.Sum(segment => segment.Records));
    }

    [Fact]
    public async Task A_directory_that_a_server_has_is_said_to_be_in_use()
    {
        using (DataDirectory.Take(_directory, new ManualTimeProvider()))
            Assert.True((await _source.CheckAsync()).WasInUse);
        Assert.False((await _source.CheckAsync()).WasInUse);
        // Who looks on does not keep a server out.
        using var server = DataDirectory.Take(_directory, new ManualTimeProvider());
    }

    [Fact]
    public async Task A_catalog_beside_which_nothing_can_be_written_is_read_as_well()
    {
        // What SQLite meets on a read-only file system: its shared memory cannot be made.
        var obstacle = Path.Combine(_directory, "catalog.db-shm");
        Directory.CreateDirectory(obstacle);
        var report = await _source.CheckAsync();
        Assert.Empty(report.Findings);
        Assert.Equal(4, Assert.Single(report.Streams).Shards.Count);
    }

    [Fact]
    public async Task A_damaged_frame_is_told_as_a_range_of_sequence_numbers_that_brackets_the_lost_records()
    {
        var survey = Assert.Single((await DataSurvey.RunAsync(_directory, null, TestContext.Current.CancellationToken)).Streams);
        var file = survey.Log!.Segments[1].File;
        await FlipAsync(file, 2000);
        var report = await _source.CheckAsync();
        Assert.True(report.HasDamage);
        var finding = Assert.Single(report.Findings);
        Assert.Equal(("orders", file), (finding.Stream!.Value.Name, finding.Finding.File));
        var range = Assert.Single(finding.Affected);
        var lost = _source.Acknowledged.Values.Where(number => number.Shard == range.Shard
            && number.CompareTo(range.First!.Value) >= 0 && number.CompareTo(range.Last!.Value) <= 0);
        Assert.Equal(range.Records, lost.Count());
    }

    [Theory]
    [InlineData("UPDATE shards SET closed_ms = NULL WHERE shard = 0", "shardId-000000000000 open, as in the catalog")]
    [InlineData("UPDATE shards SET closed_ms = 5 WHERE shard = 1", "the end of shardId-000000000001")]
    [InlineData("UPDATE streams SET next_shard = 3", "shards below shardId-000000000003")]
    [InlineData("DELETE FROM streams", "a stream in the catalog that this log belongs to")]
    [InlineData("UPDATE shards SET hash_start = '5' WHERE shard = 2", "cover the hash keys exactly once")]
    public async Task A_catalog_that_does_not_agree_with_its_logs_is_damage(string change, string expected)
    {
        Change(change);
        Assert.Contains((await _source.CheckAsync()).Findings, finding =>
            finding.Finding.Kind == FindingKind.Damage && finding.Finding.Expected.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shard_that_has_ended_with_an_intent_in_the_catalog_is_a_reshard_under_way()
    {
        Change("UPDATE shards SET closed_ms = NULL WHERE shard = 0; DELETE FROM shards WHERE shard > 1;"
            + "UPDATE streams SET status = 3; INSERT INTO reshards (stream_id, parent, split_at) VALUES (1, 0, '1000')");
        var finding = Assert.Single((await _source.CheckAsync()).Findings);
        Assert.Equal(FindingKind.Note, finding.Finding.Kind);
    }

    [Fact]
    public async Task A_missing_log_a_broken_catalog_and_no_directory_at_all_are_told_apart()
    {
        var log = Assert.Single(Directory.GetDirectories(Path.Combine(_directory, "logs")));
        Directory.Move(log, log + "x");
        Assert.Contains("All records", Assert.Single((await _source.CheckAsync()).Findings).Finding.Meaning, StringComparison.Ordinal);
        Directory.Move(log + "x", log);
        var catalog = Path.Combine(_directory, "catalog.db");
        await File.WriteAllTextAsync(catalog, new string('x', 8192), TestContext.Current.CancellationToken);
        Assert.Equal(catalog, Assert.Single((await _source.CheckAsync()).Findings).Finding.File);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() =>
            DataCheck.RunAsync(Path.Combine(_directory, "none"), new DataProgress(), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => DataCheck.RunAsync(log, new DataProgress(), TestContext.Current.CancellationToken));
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "catalog.db")};Pooling=False;Foreign Keys=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Only the constants above come here.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static async Task FlipAsync(string file, int offset)
    {
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[offset] ^= 16;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
    }
}
