using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Producer;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench.Limits;

/// <summary>
/// Offers streams many times what their shards take: through a producer, aggregated and one by one, and by PutRecords with naive retries,
/// one after the other, each to a stream of its own that is read back afterwards.
/// </summary>
internal sealed class LimitsBench(Shell shell, LimitsPlan plan, KinesisClient client, string streamPrefix)
{
    /// <summary>User records share records.</summary>
    public const string Aggregated = "producer, aggregated";

    /// <summary>Each user record is a record.</summary>
    public const string OneByOne = "producer, one by one";

    /// <summary>PutRecords whose refused records go again at once.</summary>
    public const string Naive = "naive PutRecords";

    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>What is done now, for a line of progress.</summary>
    public string Progress { get; private set; } = "starting";

    /// <summary>Runs all of them. The naive one is the last, so that it does not disturb the others.</summary>
    public async Task<List<LimitsResult>> RunAsync()
    {
        var results = new List<LimitsResult>();
        foreach (var (way, stream) in new[] { (Aggregated, "aggregated"), (OneByOne, "one-by-one"), (Naive, "naive") })
            results.Add(await RunAsync(way, $"{streamPrefix}-{stream}").ConfigureAwait(false));
        return results;
    }

    private async Task<LimitsResult> RunAsync(string way, string stream)
    {
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = plan.Shards }, shell.Interrupted).ConfigureAwait(false);
        await StreamState.ActiveAsync(client, stream, shell, shell.Interrupted).ConfigureAwait(false);
        var ledger = new RecordLedger();
        // The memory that reading back has left goes to the system: each way has its own figure.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var from = shell.Time.GetUtcNow() + plan.Warmup;
        var result = way == Naive
            ? await OfferAsync(() => new NaiveOffer(client, stream, plan, ledger, shell.Seed, shell.Time).RunAsync(way, shell.Interrupted), way, ledger, producer: null).ConfigureAwait(false)
            : await ProduceAsync(way, stream, ledger).ConfigureAwait(false);
        shell.Interrupted.ThrowIfCancellationRequested();
        var audit = new StreamAudit(client, stream, ledger, shell.Time);
        Progress = $"{way}: reading the stream back ...";
        result.Stored = await audit.RunAsync(from, plan.Duration, shell.Interrupted).ConfigureAwait(false);
        result.Balance = ledger.Balance();
        await client.DeleteStreamAsync(new DeleteStreamRequest { StreamName = stream }, shell.Interrupted).ConfigureAwait(false);
        return result;
    }

    private async Task<LimitsResult> ProduceAsync(string way, string stream, RecordLedger ledger)
    {
        var producer = new KinesisProducer(client, new ProducerOptions
        {
            StreamName = stream,
            Aggregate = way == Aggregated,
            MaxBufferedBytes = plan.CreditBytes,
            WhenFull = plan.WhenFull,
            RateLimitPercent = plan.RateLimitPercent,
            KeepOrder = plan.KeepOrder,
            TimeProvider = shell.Time,
        });
        await using (producer.ConfigureAwait(false))
        {
            return await OfferAsync(
                () => new ProducerOffer(producer, plan, ledger, shell.Seed, shell.Time).RunAsync(way, shell.Interrupted), way, ledger, producer).ConfigureAwait(false);
        }
    }

    private async Task<LimitsResult> OfferAsync(Func<Task<LimitsResult>> offer, string way, RecordLedger ledger, KinesisProducer? producer)
    {
        using var ended = new CancellationTokenSource();
        var sampling = SampleAsync(way, ledger, producer, ended.Token);
        LimitsResult result;
        try
        {
            result = await offer().ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await sampling.ConfigureAwait(false);
        }

        (result.PeakCreditBytes, result.PeakResidentBytes) = await sampling.ConfigureAwait(false);
        return result;
    }

    private async Task<(long Credit, long Resident)> SampleAsync(string way, RecordLedger ledger, KinesisProducer? producer, CancellationToken ended)
    {
        var (credit, resident) = (0L, 0L);
        var began = shell.Time.GetTimestamp();
        using var timer = new PeriodicTimer(SampleInterval, shell.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended).ConfigureAwait(false))
            {
                credit = Math.Max(credit, producer?.BufferedBytes ?? 0);
                resident = Math.Max(resident, Environment.WorkingSet);
                Progress = $"{way}: {shell.Time.GetElapsedTime(began).TotalSeconds:0} s of {(plan.Warmup + plan.Duration).TotalSeconds:0} s, {ledger.Offered} records offered ...";
            }
        }
        catch (OperationCanceledException)
        {
            // The offer is over.
        }

        return (credit, resident);
    }
}
