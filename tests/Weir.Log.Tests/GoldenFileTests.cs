using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>
/// A log of format version 1, written once and kept under tests/fixtures: every build opens it, and writes the same bytes for the
/// same appends. <c>WEIR_WRITE_GOLDEN=1</c> writes the files, for a new version.
/// </summary>
public sealed class GoldenFileTests
{
    private static readonly LogId Id = new(42);
    private static readonly LogOptions Options = new() { SegmentBytes = 4096 };

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Version_1_opens_and_holds_its_records()
    {
        var directory = new SimulatedDirectory();
        var files = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        foreach (var path in Directory.GetFiles(Fixtures()))
            files.WriteFile(Path.GetFileName(path), await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(3, files.ListFiles().Count);
        await using var store = new SegmentedLogStore(directory, Options, _time, NullLoggerFactory.Instance);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        var start = _time.GetUtcNow();
        for (var shard = 0; shard < 3; shard++)
            Assert.Equal(Expected(shard, start), log.ReadAll(shard));
        Assert.Equal(new ShardState(17, start + TimeSpan.FromMilliseconds(70)), log.GetShard(2));
        Assert.Equal(new ShardState(1, start + TimeSpan.FromMilliseconds(70)), log.GetShard(7));
        Assert.Equal(new ShardState(23, null), log.GetShard(0));
        Assert.Equal(21, log.FindTime(0, start + TimeSpan.FromMilliseconds(95)));
    }

    [Fact]
    public async Task The_same_appends_write_the_same_bytes()
    {
        var directory = new SimulatedDirectory();
        var scheduler = new StepwiseCommitScheduler();
        var store = new SegmentedLogStore(directory, Options, _time, NullLoggerFactory.Instance, scheduler);
        var log = await store.OpenAsync(Id, CancellationToken.None);
        for (var step = 0; step < 11; step++)
        {
            var append = log.AppendAsync(LogTestExtensions.BatchOf([.. Enumerable.Range(0, step < 8 ? 3 : 2).Select(shard => (shard, Records(shard, step)))]));
            scheduler.RunAll();
            await append;
            if (step == 7)
                await Task.WhenAll(Run(log.CloseShardAsync(2)), Run(log.CloseShardAsync(7)));
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await Run(log.DisposeAsync().AsTask());
        var files = (SimulatedDirectory)directory.OpenDirectory(Id.ToString());
        foreach (var name in files.ListFiles())
        {
            var path = Path.Combine(Fixtures(), name);
            if (Environment.GetEnvironmentVariable("WEIR_WRITE_GOLDEN") == "1")
            {
                Directory.CreateDirectory(Fixtures());
                await File.WriteAllBytesAsync(path, files.ReadFile(name), TestContext.Current.CancellationToken);
            }

            Assert.Equal(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), files.ReadFile(name));
        }

        Assert.Equal(3, files.ListFiles().Count);

        async Task Run(Task task) => await scheduler.RunUntil(task);
    }

    private static string[] Records(int shard, int step) => [$"{shard}/{step}", $"{shard}/{step}:{new string('g', 40 * step)}"];

    private static IEnumerable<ReadRecord> Expected(int shard, DateTimeOffset start) => Enumerable.Range(0, shard == 2 ? 8 : 11)
        .SelectMany(step => Records(shard, step).Select((text, i) => new ReadRecord((2 * step) + i + 1, text, start + TimeSpan.FromMilliseconds(10 * step))));

    private static string Fixtures([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "..", "fixtures", "segment-v1");
}
