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
