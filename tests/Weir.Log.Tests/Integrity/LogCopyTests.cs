using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Integrity;
using Weir.Log.Storage;
using Weir.TestKit;

namespace Weir.Log.Tests.Integrity;

public sealed class LogCopyTests
{
    private static readonly CopyBoundary Everything = new(_ => true, _ => true);

    [Fact]
    public async Task A_copy_of_a_log_that_was_killed_holds_every_acknowledged_record_without_the_reserved_room()
    {
        var stored = await StoredLog.BuildAsync(close: false);
        var copy = new SimulatedDirectory();
        var result = Copy(stored, copy, Everything);
        Assert.Equal((LogCopyOutcome.Copied, stored.Names.Length, false), (result.Outcome, result.Segments, result.WasCut));
        Assert.True(result.Bytes < stored.Names.Sum(name => stored.Files.ReadFile(name).Length));
        Assert.Empty(LogCheck.Run(copy, StoredLog.Id, null, CancellationToken.None).Findings);
        await AssertHoldsAsync(copy, stored.Acknowledged);
    }

    [Fact]
    public async Task A_copy_is_durable_when_it_is_done()
    {
        var stored = await StoredLog.BuildAsync(close: false);
        var copy = new SimulatedDirectory(seed: 3);
        Copy(stored, copy, Everything);
        copy.Crash();
        await AssertHoldsAsync(copy, stored.Acknowledged);
    }

    // Goal: the copy never shows what its catalog does not know. Method: each end of a shard and each shard is taken for unknown, in turn.
    [Theory]
    [InlineData(2, true)]
    [InlineData(2, false)]
    [InlineData(0, false)]
    public async Task A_copy_ends_before_the_first_frame_that_its_owner_did_not_know_of(int shard, bool endOnly)
    {
        var stored = await StoredLog.BuildAsync();
        var boundary = new CopyBoundary(number => endOnly || number != shard, number => number != shard);
        var copy = new SimulatedDirectory();
        var result = Copy(stored, copy, boundary);
        Assert.True(result is { Outcome: LogCopyOutcome.Copied, WasCut: true });
        var facts = LogCheck.Run(copy, StoredLog.Id, null, CancellationToken.None);
        Assert.Empty(facts.Findings);
        Assert.DoesNotContain(facts.Shards, found => found.Shard == shard && (!endOnly || found.ClosedAt is not null));
        await AssertPrefixesAsync(copy, stored.Acknowledged);
        if (endOnly)
            Assert.True(facts.Segments.Sum(segment => segment.Records) > 15, "The records before the end are missing.");
    }

    [Fact]
    public async Task A_log_whose_oldest_table_is_unknown_already_has_moved_on()
    {
        var stored = await StoredLog.BuildAsync();
        stored.Files.Delete(stored.Names[0]);
        var result = Copy(stored, new SimulatedDirectory(), new CopyBoundary(number => number != 1, _ => true));
        Assert.Equal(LogCopyOutcome.MovedOn, result.Outcome);
    }

    [Fact]
    public async Task A_segment_that_retention_deletes_before_its_turn_takes_the_older_copies_with_it()
    {
        var stored = await StoredLog.BuildAsync();
        var names = stored.Names;
        var copy = new SimulatedDirectory();
        var told = 0;
        var result = LogCopy.Run(
            stored.Root, StoredLog.Id, copy, Everything,
            _ =>
            {
                // Behind the first segment's copy: the first two go, as a sweep would take them.
                if (told++ == 0)
                {
                    stored.Files.Delete(names[0]);
                    stored.Files.Delete(names[1]);
                }
            },
            CancellationToken.None);
        Assert.Equal((LogCopyOutcome.Copied, names.Length - 2), (result.Outcome, result.Segments));
        Assert.Equal(names[2..], ((SimulatedDirectory)copy.OpenDirectory(StoredLog.Id.ToString())).ListFiles().Order(StringComparer.Ordinal));
        Assert.Empty(LogCheck.Run(copy, StoredLog.Id, null, CancellationToken.None).Findings);
    }

    [Fact]
    public async Task A_log_whose_files_go_in_another_order_is_being_deleted()
    {
        var stored = await StoredLog.BuildAsync();
        var result = LogCopy.Run(
            stored.Root, StoredLog.Id, new SimulatedDirectory(), Everything, _ => stored.Files.Delete(stored.Names[^1]), CancellationToken.None);
        Assert.Equal(LogCopyOutcome.Vanished, result.Outcome);
    }

    [Fact]
    public async Task Copies_of_a_log_that_is_being_written_hold_what_was_acknowledged_before_they_began_and_a_prefix_of_the_rest()
    {
        using var directory = new TemporaryDirectory();
        var root = new PhysicalDirectory(Path.Combine(directory.Path, "logs"));
        var options = new LogOptions { SegmentBytes = 64 * 1024 };
        await using var store = new SegmentedLogStore(root, options, TimeProvider.System, NullLoggerFactory.Instance);
        var log = await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        long acknowledged = 0;
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    await log.AppendAsync(1, $"{i} " + new string('y', i % 2000));
                    Volatile.Write(ref acknowledged, i + 1);
                }
            },
            TestContext.Current.CancellationToken);
        for (var round = 0; round < 12; round++)
        {
            var before = Volatile.Read(ref acknowledged);
            var target = new PhysicalDirectory(Path.Combine(directory.Path, $"copy-{round}"));
            Assert.Equal(LogCopyOutcome.Copied, LogCopy.Run(root, StoredLog.Id, target, Everything, null, CancellationToken.None).Outcome);
            Assert.Empty(LogCheck.Run(target, StoredLog.Id, null, CancellationToken.None).Findings);
            await using var copied = new SegmentedLogStore(target, options, TimeProvider.System, NullLoggerFactory.Instance);
            var records = (await copied.OpenAsync(StoredLog.Id, CancellationToken.None)).ReadAll(1);
            Assert.True(records.Count >= before, $"{before} were acknowledged, {records.Count} are in the copy.");
            for (var i = 0; i < records.Count; i++)
                Assert.StartsWith($"{i} ", records[i].Text, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await writing;
    }

    private static LogCopyResult Copy(StoredLog stored, SimulatedDirectory to, CopyBoundary boundary) =>
        LogCopy.Run(stored.Root, StoredLog.Id, to, boundary, copiedBytes: null, CancellationToken.None);

    private static async Task AssertHoldsAsync(SimulatedDirectory copy, Dictionary<int, List<string>> acknowledged)
    {
        await using var store = new SegmentedLogStore(copy, new LogOptions { TailBytes = 0 }, new ManualTimeProvider(), NullLoggerFactory.Instance);
        var log = await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        foreach (var (shard, records) in acknowledged)
            Assert.Equal(records, log.ReadAll(shard).Texts());
    }

    private static async Task AssertPrefixesAsync(SimulatedDirectory copy, Dictionary<int, List<string>> acknowledged)
    {
        await using var store = new SegmentedLogStore(copy, new LogOptions { TailBytes = 0 }, new ManualTimeProvider(), NullLoggerFactory.Instance);
        var log = await store.OpenAsync(StoredLog.Id, CancellationToken.None);
        foreach (var (shard, records) in acknowledged)
        {
            var copied = log.ReadAll(shard).Texts();
            Assert.Equal(records.Take(copied.Length), copied);
        }
    }
}
