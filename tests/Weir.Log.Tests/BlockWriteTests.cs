using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Format;
using Weir.Log.Storage;
using Weir.TestKit;

namespace Weir.Log.Tests;

/// <summary>Commits are written in whole blocks, past the page cache; readers of the file and the next life must not notice.</summary>
public sealed class BlockWriteTests : IDisposable
{
    private static readonly LogId Id = new(1);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Blocks_are_there_for_readers_of_the_file_at_once()
    {
        using var file = new PhysicalDirectory(_directory.Path).Create("file");
        file.Allocate(3 * LogBlock.Bytes);
        var blocks = BlockMemory.Rent(2 * LogBlock.Bytes);
        for (byte round = 1; round < 100; round++)
        {
            blocks.Memory.Span[..(2 * LogBlock.Bytes)].Fill(round);
            file.WriteBlocks(blocks.Memory.Span[..(2 * LogBlock.Bytes)], LogBlock.Bytes);
            file.Write([round], 0);
            var read = new byte[3 * LogBlock.Bytes];
            Assert.Equal(read.Length, file.Read(read, 0));
            Assert.Equal(round, read[0]);
            Assert.False(read.AsSpan(LogBlock.Bytes).ContainsAnyExcept(round));
        }

        blocks.Return();
    }

    [Fact]
    public void Bytes_that_the_disk_does_not_take_directly_are_written_all_the_same()
    {
        using var file = new PhysicalDirectory(_directory.Path).Create("file");
        var piece = BlockMemory.Rent(2 * LogBlock.Bytes);
        piece.Memory.Span.Fill(5);
        // An odd address: no disk takes that without a copy.
        file.WriteBlocks(piece.Memory.Span.Slice(1, LogBlock.Bytes), 0);
        file.WriteBlocks(piece.Memory.Span[..LogBlock.Bytes], LogBlock.Bytes);
        var read = new byte[2 * LogBlock.Bytes];
        Assert.Equal(read.Length, file.Read(read, 0));
        Assert.False(read.AsSpan().ContainsAnyExcept((byte)5));
        piece.Return();
    }

    [Fact]
    public async Task Readers_of_the_file_see_every_record_while_its_block_is_written_again_and_again()
    {
        // No tail in memory: each reader goes to the file, into blocks that the next commits rewrite with more behind.
        const int Records = 3000;
        var cancellation = TestContext.Current.CancellationToken;
        await using var store = Open(new LogOptions { TailBytes = 0, SegmentBytes = 256 * 1024 });
        var log = await store.OpenAsync(Id, cancellation);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => FollowAsync(log, Records, cancellation), cancellation)).ToArray();
        for (var i = 1; i <= Records; i++)
            await log.AppendAsync(0, Text(i));
        await Task.WhenAll(readers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(5000)]
    public async Task The_next_life_goes_on_in_the_block_where_the_last_one_ended(int recordBytes)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var written = new List<string>();
        for (var life = 0; life < 12; life++)
        {
            await using var store = Open(new LogOptions { SegmentBytes = 64 * 1024 });
            var log = await store.OpenAsync(Id, cancellation);
            Assert.Equal(written, log.ReadAll(0).Texts());
            for (var i = 0; i <= life; i++)
            {
                written.Add(new string((char)('a' + life), recordBytes) + i);
                await log.AppendAsync(0, written[^1]);
            }
        }
    }

    [Fact]
    public async Task A_small_commit_leaves_zeros_for_the_next_ones_and_a_closed_log_gives_them_back()
    {
        var disk = new SimulatedDirectory();
        var scheduler = new StepwiseCommitScheduler();
        var store = new SegmentedLogStore(disk, new LogOptions(), new ManualTimeProvider(), NullLoggerFactory.Instance, scheduler);
        var log = await store.OpenAsync(Id, TestContext.Current.CancellationToken);
        var writes = new List<long>();
        for (var i = 0; i < 100; i++)
        {
            var before = disk.Changes;
            var append = log.AppendAsync(0, new string('x', 1000));
            scheduler.RunAll();
            await append;
            writes.Add(disk.Changes - before);
        }

        // A write and an fsync; now and then one more write, of zeros, ever more of them at once (and sometimes an allocation before).
        Assert.InRange(writes.Count(changes => changes > 2), 2, 8);
        var closing = store.DisposeAsync();
        scheduler.RunAll();
        await closing;
        using var file = disk.OpenDirectory(Id.ToString()).Open(SegmentName.Of(new LogOffset(0)));
        Assert.InRange(file.Length, 100_000, 120_000);
    }

    private SegmentedLogStore Open(LogOptions options) =>
        new(new PhysicalDirectory(_directory.Path), options, TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task FollowAsync(IRecordLog log, int records, CancellationToken cancellation)
    {
        var next = 1;
        while (next <= records)
        {
            await log.WaitForChangeAsync(0, next, cancellation);
            foreach (var record in log.ReadAll(0, next))
            {
                Assert.Equal(next, record.Index);
                Assert.Equal(Text(next++), record.Text);
            }
        }
    }

    private static string Text(int number) => new((char)('a' + (number % 26)), 50 + (number * 37 % 500));
}
