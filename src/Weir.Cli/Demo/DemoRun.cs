using System.Data.Common;
using Amazon.Runtime;
using Microsoft.Extensions.Logging;
using Weir.Client;
using Weir.Log;
using Weir.Protocol.Messages;
using Weir.Server;

namespace Weir.Cli.Demo;

/// <summary>
/// The demonstration from its beginning to its audit: a server in this process, and a producer and consumers that talk to it over
/// HTTP like anybody else. The first failure of any part ends all of it.
/// </summary>
internal sealed class DemoRun(DemoOptions options, TimeProvider time)
{
    /// <summary>The stream's name.</summary>
    public const string StreamName = "llm-requests";

    /// <summary>Shards at the beginning.</summary>
    public const int Shards = 4;

    private const string Region = "us-east-1";

    // Loopback requests are done or dead by then.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    /// <summary>How it is run.</summary>
    public DemoOptions Options => options;

    /// <summary>What a view shows.</summary>
    public DemoFigures Figures { get; } = new(time);

    /// <summary>Runs it.</summary>
    /// <exception cref="CommandFailure">The server did not start, a record was refused again and again, or the trace is damaged.</exception>
    /// <exception cref="KinesisException">A request failed.</exception>
    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var rows = ReadTrace();
        using var directory = new DemoDirectory(options.Keep);
        var server = await StartServerAsync(directory.Path, cancellationToken).ConfigureAwait(false);
        try
        {
            using var puts = Connect(server.Endpoint, maxAttempts: 1);
            using var client = Connect(server.Endpoint, KinesisClientOptions.DefaultMaxAttempts);
            await client.CreateStreamAsync(new CreateStreamRequest { StreamName = StreamName, ShardCount = Shards }, cancellationToken).ConfigureAwait(false);
            await StreamShards.WaitUntilActiveAsync(client, StreamName, time, cancellationToken).ConfigureAwait(false);

            var clock = new ReplayClock(rows[0].Time, options.Speed, time);
            Figures.Begin(clock, rows.Count);
            var processing = new RecordProcessing(clock, Figures, time);
            var (produced, split, replayed) = await ReplayAsync(rows, clock, processing, puts, client, cancellationToken).ConfigureAwait(false);

            Figures.Enter(DemoPhase.Auditing);
            var stored = await StoredRecords.ReadAsync(client, StreamName, time, cancellationToken).ConfigureAwait(false);
            var (windows, checksum) = Figures.WindowsResult();
            var expected = DemoWindows.Of(rows);
            var audit = DemoAudit.Examine(new AuditEvidence(
                rows.Count,
                produced,
                stored,
                processing.Processed,
                new WindowsEvidence(windows, checksum),
                new WindowsEvidence(expected.Count, expected.Checksum()),
                split));
            Figures.Enter(DemoPhase.Done);
            return new DemoResult(
                options,
                rows.Count,
                rows[^1].Time - rows[0].Time,
                Durability.Fsync.ToString(),
                replayed,
                time.GetElapsedTime(started),
                split,
                new WindowsEvidence(windows, checksum),
                Figures.Snapshot(windows: 0),
                audit,
                options.Keep ? directory.Path : null);
        }
        finally
        {
            await server.StopAsync(Drain).ConfigureAwait(false);
        }
    }

    private async Task<(IReadOnlyList<Acknowledgement> Produced, SplitFacts Split, TimeSpan Took)> ReplayAsync(
        IReadOnlyList<TraceRow> rows, ReplayClock clock, RecordProcessing processing, KinesisClient puts, KinesisClient client, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producer = new DemoProducer(puts, StreamName, rows, clock, Figures, time);
        var producing = producer.RunAsync(stop.Token);
        var splitting = new HalfWaySplit(client, StreamName, clock, Figures, time).RunAsync(producer.HalfWay, stop.Token);
        var feeding = FeedAsync(producing, splitting);
        var consuming = new DemoConsumer(client, StreamName, processing, Figures, time).RunAsync(feeding, stop.Token);

        Task[] all = [producing, splitting, feeding, consuming];
        try
        {
            for (var running = all; running.Length > 0; running = [.. running.Where(task => !task.IsCompleted)])
                await (await Task.WhenAny(running).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            // With one of them failed the others are of no use; without a failure they have ended already.
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return (await producing.ConfigureAwait(false), await splitting.ConfigureAwait(false), clock.Elapsed);
    }

    private async Task FeedAsync(Task producing, Task splitting)
    {
        await Task.WhenAll(producing, splitting).ConfigureAwait(false);
        Figures.Enter(DemoPhase.Draining);
    }

    private IReadOnlyList<TraceRow> ReadTrace()
    {
        try
        {
            return TraceFile.Read(options.TraceFile);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"The trace cannot be read: {exception.Message}", exception);
        }
    }

    private async Task<WeirServer> StartServerAsync(string directory, CancellationToken cancellationToken)
    {
        try
        {
            return await WeirServer.StartAsync(
                new WeirServerOptions
                {
                    Port = options.Port,
                    DataDirectory = directory,
                    // Nothing in a good run. In a bad one it may tear the live table, and it is the only place that says why.
                    LogLevel = LogLevel.Warning,
                    Time = time,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DbException or LogFailedException or StorageFullException)
        {
            throw new CommandFailure($"The server did not start: {exception.Message}", exception);
        }
    }

    private KinesisClient Connect(Uri endpoint, int maxAttempts) => new(new KinesisClientOptions
    {
        Endpoint = endpoint,
        Region = Region,
        // The embedded server accepts any key; nobody's real one has to be looked for.
        Credentials = new BasicAWSCredentials("demo", "demo"),
        MaxAttempts = maxAttempts,
        TimeProvider = time,
    });
}
