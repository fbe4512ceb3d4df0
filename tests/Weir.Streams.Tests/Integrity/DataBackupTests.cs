using Weir.Model;
using Weir.Streams.Encryption;
using Weir.Streams.Integrity;
using Weir.TestKit;

namespace Weir.Streams.Tests.Integrity;

public sealed class DataBackupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-backup-").FullName;

    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    // Goal: a backup holds what was acknowledged before it began, each shard a prefix, and opens as after a crash. Method: writers, a resharder, somebody who
    // creates and deletes streams, encryption that changes its keys and retention that trims, all at once in small segments, while backups are made one after the
    // other; each is opened by an engine of its own and compared with what was acknowledged.
    [Fact]
    public async Task Backups_under_load_hold_every_record_that_was_acknowledged_before_they_began()
    {
        var time = new ManualTimeProvider(EngineFixture.Begin);
        await using var source = await StoredEngine.OpenAsync(Path.Combine(_directory, "data"), time);
        var main = await source.CreateAsync("main", 3);
        Assert.Equal(SettingOutcome.Changed, await source.Engine.Settings.SetRetentionAsync(main, KinesisLimits.MaxRetentionHours));
        var brief = await source.CreateAsync("brief", 2);
        var work = Enumerable.Range(0, 3).Select(writer => Background(i => source.PutAsync(main, $"main-{writer}-{i}")))
            .Append(Background(i => source.PutAsync(brief, $"brief-{i}")))
            .Append(Background(i => ReshardAsync(source, main, i)))
            .Append(Background(i => ComeAndGoAsync(source, i)))
            .Append(Background(i => ExpireAsync(source, i)))
            .ToList();
        var cut = 0;
        for (var round = 0; round < 12; round++)
        {
            await WaitForAsync(source, 60 * (round + 1));
            if (round % 3 == 1)
                await source.Engine.Encryption.StartAsync(main, $"alias/{round}");
            var before = source.Acknowledged.Keys.Where(id => id.StartsWith("main-", StringComparison.Ordinal)).ToList();
            var path = Path.Combine(_directory, $"copy-{round}");
            var report = await source.BackupAsync(path);
            Assert.True(report.Directory == path, string.Join('\n', report.Check!.Findings));
            Assert.DoesNotContain(Directory.GetFiles(path), file => !file.EndsWith("catalog.db", StringComparison.Ordinal));
            await using var copy = await StoredEngine.OpenAsync(path, time);
            var restored = copy.Engine.Streams.Find(EngineFixture.Name("main"))!;
            Assert.Equal(StreamStatus.Active, restored.Current.Row.Status);
            var stored = copy.ReadAll("main");
            var ids = stored.Select(record => record.Id).ToHashSet();
            Assert.Equal(stored.Count, ids.Count);
            Assert.Superset(before.ToHashSet(), ids);
            Assert.All(stored.Where(record => source.Acknowledged.ContainsKey(record.Id)), record => Assert.Equal(source.Acknowledged[record.Id], record.Number));
            copy.ReadAll("brief");
            Assert.True(await copy.PutAsync(restored, $"main-after-{round}"));
            cut += stored.Count;
        }

        await _stop.CancelAsync();
        await Task.WhenAll(work);
        Assert.True(cut > 0 && main.Current.Shards.All.Count > 6, "Nothing was resharded: the test has shown nothing.");
        Assert.DoesNotContain((await source.CheckAsync()).Findings, finding => finding.Finding.Kind == Weir.Log.Integrity.FindingKind.Damage);

        Task Background(Func<int, Task> step) => Task.Run(
            async () =>
            {
                for (var i = 0; !_stop.IsCancellationRequested; i++)
                    await step(i);
            },
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_copy_is_readable_by_its_owner_only_and_needs_a_free_name()
    {
        await using var source = await StoredEngine.OpenAsync(Path.Combine(_directory, "data"), new ManualTimeProvider(EngineFixture.Begin));
        await source.PutAsync(await source.CreateAsync("main", 1), "one");
        var target = Path.Combine(_directory, "copy");
        Directory.CreateDirectory(target);
        await source.BackupAsync(target);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(target));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(target, "catalog.db")));
        }

        var error = await Assert.ThrowsAsync<BackupException>(() => source.BackupAsync(target));
        Assert.Contains("exists already", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<BackupException>(() => source.BackupAsync(Path.Combine(source.Path, "inside")));
        Assert.Contains("inside the data directory", error.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_directory, "other.partial"));
        await Assert.ThrowsAsync<BackupException>(() => source.BackupAsync(Path.Combine(_directory, "other")));
        Assert.False(Path.Exists(Path.Combine(_directory, "other")));
    }

    [Fact]
    public async Task A_damaged_source_makes_a_copy_that_keeps_the_name_of_an_unfinished_one_and_one_that_fails_leaves_nothing()
    {
        var source = await StoredEngine.OpenAsync(Path.Combine(_directory, "data"), new ManualTimeProvider(EngineFixture.Begin));
        var stream = await source.CreateAsync("main", 1);
        for (var i = 0; i < 100; i++)
            await source.PutAsync(stream, $"{i}");
        await source.DisposeAsync();
        var oldest = Directory.GetFiles(Path.Combine(source.Path, "logs"), "*.segment", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(oldest, TestContext.Current.CancellationToken);
        bytes[1000] ^= 4;
        await File.WriteAllBytesAsync(oldest, bytes, TestContext.Current.CancellationToken);
        var target = Path.Combine(_directory, "copy");
        var report = await source.BackupAsync(target);
        Assert.True(report.Check!.HasDamage);
        Assert.Equal(target + ".partial", report.Directory);
        Assert.False(Directory.Exists(target));

        Directory.Delete(Path.GetDirectoryName(oldest)!, recursive: true);
        var error = await Assert.ThrowsAsync<BackupException>(() => source.BackupAsync(target + "2"));
        Assert.Contains("main", error.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(target + "2.partial"));
    }

    private async Task ReshardAsync(StoredEngine source, DataStream stream, int step)
    {
        var open = stream.Current.Shards.Open;
        if (open.Count > 4)
        {
            await source.Engine.Resharding.MergeAsync(stream, open[0].Id, open[1].Id);
        }
        else
        {
            var range = open[step % open.Count].HashKeys;
            await source.Engine.Resharding.SplitAsync(stream, open[step % open.Count].Id, new HashKey(range.Start.Value + ((range.End.Value - range.Start.Value) / 2)));
        }

        await WaitForAsync(source, 5);
    }

    private static async Task ComeAndGoAsync(StoredEngine source, int step)
    {
        var stream = await source.CreateAsync($"brief-lived-{step % 3}", 1);
        for (var i = 0; i < 5; i++)
            await source.PutAsync(stream, $"lived-{step}-{i}");
        Assert.True(await source.Engine.Lifecycle.DeleteAsync(stream, evenWithConsumers: true));
    }

    // A day at a time: everything in `brief` expires again and again, and its segments go. `main` keeps its records for a year.
    private async Task ExpireAsync(StoredEngine source, int step)
    {
        await WaitForAsync(source, 20);
        if (step < 200)
            source.Time.Advance(TimeSpan.FromHours(25));
        await source.Engine.SweepRetentionAsync(CancellationToken.None);
    }

    private async Task WaitForAsync(StoredEngine source, int more)
    {
        var wanted = source.Acknowledged.Count + more;
        while (source.Acknowledged.Count < wanted && !_stop.IsCancellationRequested)
            await Task.Yield();
    }
}
