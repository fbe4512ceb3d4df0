using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Storage;

namespace Weir.Log.Tests;

/// <summary>
/// A rough measure of the log on a real disk, beside the bare device in the same run. Run by hand: it asserts nothing about speed, because machines differ.
/// <c>Weir.Log.Tests -explicit only</c>
/// </summary>
public sealed class ThroughputTests
{
    private const int RecordBytes = 1000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    [Fact(Explicit = true)]
    public async Task Log_beside_the_bare_device()
    {
        Device("write 1 KiB + fdatasync", writeBytes: 1024);
        Device("write 512 KiB + fdatasync", writeBytes: 512 * 1024);
        foreach (var durability in new[] { Durability.Fsync, Durability.Interval(TimeSpan.FromMilliseconds(100)), Durability.Os })
        {
            foreach (var appenders in new[] { 1, 16, 256 })
                await LogAsync(durability, appenders, recordsPerBatch: 1, logs: 1);
            foreach (var appenders in new[] { 1, 4, 16 })
                await LogAsync(durability, appenders, recordsPerBatch: 500, logs: 1);
        }

        await LogAsync(Durability.Fsync, 256, recordsPerBatch: 1, logs: 8);
        await LogAsync(Durability.Fsync, 16, recordsPerBatch: 500, logs: 4);
    }

    /// <summary>Opening must not read what is stored: a log of 2 GB, sealed but for its last segment.</summary>
    [Fact(Explicit = true)]
    public async Task Opening_beside_what_is_stored()
    {
        using var directory = new TemporaryDirectory();
        var options = new LogOptions { Durability = Durability.Os };
        await using (var store = Store(directory, options))
        {
            var log = await store.OpenAsync(new LogId(1), CancellationToken.None);
            for (var n = 0; n < 4000; n++)
            {
                using var batch = AppendBatch.Rent(500 * (RecordBytes + AppendBatch.RecordPrefixBytes));
                batch.BeginBlock(n % 8);
                for (var i = 0; i < 500; i++)
                    batch.AddRecord(RecordBytes).Fill((byte)i);
                await log.AppendAsync(batch);
            }
        }

        await using var again = Store(directory, options);
        var clock = Stopwatch.StartNew();
        var reopened = await again.OpenAsync(new LogId(1), CancellationToken.None);
        Print($"open: {reopened.StoredBytes / 1e9:N1} GB", $"{clock.Elapsed.TotalMilliseconds:N1} ms");
        clock.Restart();
        var (bytes, frames) = (0L, 0);
        for (var shard = 0; shard < 8; shard++)
        {
            using var reader = reopened.OpenReader(shard, 1);
            for (; reader.TryRead(out var frame); frames++)
                bytes += frame.Records.Length;
        }

        Print("read: all of it, from the page cache as far as it is there", $"{bytes / clock.Elapsed.TotalSeconds / 1e6:N0} MB/s, {frames} frames");
        clock.Restart();
        for (var i = 1; i <= 1000; i++)
        {
            using var reader = reopened.OpenReader(i % 8, i * 249);
            Assert.True(reader.TryRead(out _));
        }

        Print("read: one frame by a fresh reader", $"{clock.Elapsed.TotalMilliseconds:N1} us each");
    }

    private static SegmentedLogStore Store(TemporaryDirectory directory, LogOptions options) =>
        new(new PhysicalDirectory(directory.Path), options, TimeProvider.System, NullLoggerFactory.Instance);

    private static void Device(string what, int writeBytes)
    {
        using var directory = new TemporaryDirectory();
        using var file = new PhysicalDirectory(directory.Path).Create("bare");
        var bytes = new byte[writeBytes];
        new Random(1).NextBytes(bytes);
        var (clock, count, at) = (Stopwatch.StartNew(), 0, 0L);
        for (; clock.Elapsed < Duration; count++, at += writeBytes)
        {
            if (at % (8 * 1024 * 1024) == 0)
                file.Allocate(at + (8 * 1024 * 1024));
            file.Write(bytes, at);
            file.SyncData();
        }

        var seconds = clock.Elapsed.TotalSeconds;
        Print($"device: {what}", $"{count / seconds,9:N0} /s  {count * (double)writeBytes / seconds / 1e6,7:N1} MB/s  {seconds * 1e3 / count:N3} ms each");
    }

    private static async Task LogAsync(Durability durability, int appenders, int recordsPerBatch, int logs)
    {
        using var directory = new TemporaryDirectory();
        await using var store = new SegmentedLogStore(
            new PhysicalDirectory(directory.Path), new LogOptions { Durability = durability }, TimeProvider.System, NullLoggerFactory.Instance);
        var opened = await Task.WhenAll(Enumerable.Range(0, logs).Select(id => store.OpenAsync(new LogId(id), CancellationToken.None)));
        var (clock, batches, refused) = (Stopwatch.StartNew(), 0L, 0L);
        var allocated = GC.GetTotalAllocatedBytes();
        await Task.WhenAll(Enumerable.Range(0, appenders).Select(appender => Task.Run(async () =>
        {
            while (clock.Elapsed < Duration)
            {
                using var batch = AppendBatch.Rent(recordsPerBatch * (RecordBytes + AppendBatch.RecordPrefixBytes));
                batch.BeginBlock(appender % 8);
                for (var i = 0; i < recordsPerBatch; i++)
                    batch.AddRecord(RecordBytes).Fill((byte)i);
                await opened[appender % logs].AppendAsync(batch);
                if (batch.Blocks[0].Outcome == AppendOutcome.Appended)
                    Interlocked.Increment(ref batches);
                else
                    Interlocked.Increment(ref refused);
            }
        })));
        var seconds = clock.Elapsed.TotalSeconds;
        var records = batches * recordsPerBatch;
        Assert.True(records > 0);
        Print(
            $"log: {durability}, {logs} log(s), {appenders} appenders x {recordsPerBatch} x 1 KB",
            $"{records / seconds,9:N0} records/s  {records * (double)RecordBytes / seconds / 1e6,7:N1} MB/s  {seconds * 1e3 * appenders / batches:N3} ms each"
            + $"  {(GC.GetTotalAllocatedBytes() - allocated) / (double)batches:N0} B allocated per append"
            + (refused > 0 ? $"  ({refused} refused)" : ""));
    }

    private static void Print(string what, string figures) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-60} {figures}"));
}
