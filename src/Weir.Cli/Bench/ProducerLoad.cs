using Weir.Client;
using Weir.Producer;
using Weir.Protocol;

namespace Weir.Cli.Bench;

/// <summary>What a load of puts came to.</summary>
internal sealed class ProducerResult
{
    /// <summary>How it was put.</summary>
    public required string Way { get; init; }

    /// <summary>User records that were stored while it was measured.</summary>
    public long Stored { get; set; }

    /// <summary>Their data.</summary>
    public long Bytes { get; set; }

    /// <summary>User records that failed.</summary>
    public long Failed { get; set; }

    /// <summary>Attempts, of user records.</summary>
    public long Attempts { get; set; }

    /// <summary>Those of them that were throttled.</summary>
    public long Throttled { get; set; }

    /// <summary>Records of the stream that they were in.</summary>
    public long KinesisRecords { get; set; }

    /// <summary>From the acceptance to the outcome.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>How long was measured.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Bytes that the process allocated meanwhile.</summary>
    public long AllocatedBytes { get; set; }

    /// <summary>Memory of this process at the end.</summary>
    public long ResidentBytes { get; set; }

    /// <summary>User records a second.</summary>
    public double RecordRate => Stored / Elapsed.TotalSeconds;

    /// <summary>Bytes of their data a second.</summary>
    public double ByteRate => Bytes / Elapsed.TotalSeconds;

    /// <summary>Adds up what another thread counted.</summary>
    public void Add(ProducerResult other)
    {
        Stored += other.Stored;
        Bytes += other.Bytes;
        Failed += other.Failed;
        Attempts += other.Attempts;
        Throttled += other.Throttled;
        KinesisRecords += other.KinesisRecords;
        Latency.Add(other.Latency);
    }
}

/// <summary>
/// Puts records through a producer as fast as it takes them: each of a few tasks has a window of puts whose outcomes it has not looked at yet,
/// so that it is held back only when the producer is.
/// </summary>
internal sealed class ProducerLoad(KinesisClient client, LoadPlan plan, Func<ProducerOptions> options, int seed, TimeProvider time)
{
    private const int Window = 64 * 1024;
    private const int ClockEvery = 64;

    private readonly string[] _keys = plan.AllKeys();

    /// <summary>Puts for the plan's duration, after its warm-up.</summary>
    public async Task<ProducerResult> RunAsync(string way, CancellationToken stop)
    {
        var total = new ProducerResult { Way = way };
        var producer = new KinesisProducer(client, options());
        await using (producer.ConfigureAwait(false))
        {
            var began = time.GetTimestamp();
            var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(worker => Task.Run(() => WorkAsync(producer, worker, began, stop), CancellationToken.None)).ToList();
            await Task.Delay(plan.Warmup, time, stop).ConfigureAwait(false);
            var allocated = GC.GetTotalAllocatedBytes();
            await Task.Delay(plan.Duration, time, stop).ConfigureAwait(false);
            total.AllocatedBytes = GC.GetTotalAllocatedBytes() - allocated;
            foreach (var result in await Task.WhenAll(workers).ConfigureAwait(false))
                total.Add(result);
        }

        total.Elapsed = plan.Duration;
        total.ResidentBytes = Environment.WorkingSet;
        return total;
    }

    private async Task<ProducerResult> WorkAsync(KinesisProducer producer, int worker, long began, CancellationToken stop)
    {
        var result = new ProducerResult { Way = "" };
        var random = new Random(seed + worker);
        var data = new byte[plan.RecordBytes];
        random.NextBytes(data);
        var puts = new ValueTask<PutResult>[Window];
        var (from, until) = (plan.Warmup, plan.Warmup + plan.Duration);
        var count = 0L;
        var now = TimeSpan.Zero;
        for (; now < until && !stop.IsCancellationRequested; count++)
        {
            // The clock is looked at now and then: each time costs a tenth of a put.
            if (count % ClockEvery == 0)
                now = time.GetElapsedTime(began);
            var slot = (int)(count % Window);
            if (count >= Window)
                await TakeAsync(puts[slot]).ConfigureAwait(false);
            puts[slot] = producer.PutAsync(_keys[random.Next(_keys.Length)], data);
        }

        for (var i = Math.Max(0, count - Window); i < count; i++)
            await TakeAsync(puts[(int)(i % Window)]).ConfigureAwait(false);
        return result;

        async ValueTask TakeAsync(ValueTask<PutResult> put)
        {
            IReadOnlyList<PutAttempt> attempts;
            string? sequenceNumber = null;
            int? subSequenceNumber = null;
            try
            {
                var stored = await put.ConfigureAwait(false);
                attempts = stored.Attempts;
                (sequenceNumber, subSequenceNumber) = (stored.SequenceNumber, stored.SubSequenceNumber);
            }
            catch (PutFailedException exception)
            {
                attempts = exception.Attempts;
            }

            if (now < from || now >= until)
                return;
            var latency = TimeSpan.Zero;
            for (var i = 0; i < attempts.Count; i++)
            {
                latency += attempts[i].Delay + attempts[i].Duration;
                if (attempts[i].ErrorCode == ErrorCodes.ProvisionedThroughputExceeded)
                    result.Throttled++;
            }

            result.Attempts += attempts.Count;
            if (sequenceNumber is null)
            {
                result.Failed++;
                return;
            }

            result.Stored++;
            result.Bytes += plan.RecordBytes;
            result.Latency.Add(latency);
            // Each record of the stream has one user record that is its first.
            if (subSequenceNumber is null or 0)
                result.KinesisRecords++;
        }
    }
}
