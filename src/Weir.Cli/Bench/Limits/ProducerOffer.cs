using System.Globalization;
using Weir.Producer;
using Weir.Protocol;

namespace Weir.Cli.Bench.Limits;

/// <summary>
/// Offers records to a producer: as many puts at a time as fill its credit and a quarter more, so that some always wait for it.
/// </summary>
internal sealed class ProducerOffer(KinesisProducer producer, LimitsPlan plan, RecordLedger ledger, int seed, TimeProvider time)
{
    private const double MoreThanCredit = 1.25;

    /// <summary>Offers for the plan's time, and waits for all outcomes.</summary>
    public async Task<LimitsResult> RunAsync(string way, CancellationToken stop)
    {
        var total = new LimitsResult { Way = way };
        var workers = Environment.ProcessorCount;
        var cost = plan.RecordBytes + KeyOf(long.MaxValue).Length + ProducerOptions.RecordOverheadBytes;
        var window = (int)Math.Max(1, plan.CreditBytes * MoreThanCredit / cost / workers);
        var running = Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker, workers, window, stop), CancellationToken.None)).ToList();
        foreach (var (result, due) in await Task.WhenAll(running).ConfigureAwait(false))
        {
            total.Add(result);
            total.Due += due;
        }

        return total;
    }

    private async Task<(LimitsResult Result, long Due)> WorkAsync(int worker, int workers, int window, CancellationToken stop)
    {
        var result = new LimitsResult { Way = "" };
        var random = new Random(seed + worker);
        // A record that waits for credit is its caller's until it is accepted: each put has bytes of its own.
        var data = new byte[(long)window * plan.RecordBytes];
        random.NextBytes(data);
        var puts = new (long Number, ValueTask<PutResult> Put)[window];
        var pace = new OfferPace(time, plan.OfferedPerSecond / workers, plan.Warmup + plan.Duration, stop);
        var (count, taken) = (0L, 0L);
        while (await pace.NextAsync().ConfigureAwait(false))
        {
            if (count - taken == window)
                await TakeAsync(puts[(int)(taken++ % window)]).ConfigureAwait(false);
            var slot = (int)(count % window);
            var bytes = data.AsMemory(slot * plan.RecordBytes, plan.RecordBytes);
            var number = ledger.Offer(bytes.Span);
            var put = producer.PutAsync(KeyOf(random.NextInt64()), bytes);
            // What was turned away needs no place.
            if (put.IsCompleted)
                await TakeAsync((number, put)).ConfigureAwait(false);
            else
                puts[(int)(count++ % window)] = (number, put);
        }

        while (taken < count)
            await TakeAsync(puts[(int)(taken++ % window)]).ConfigureAwait(false);
        return (result, pace.Due);

        async ValueTask TakeAsync((long Number, ValueTask<PutResult> Put) put)
        {
            IReadOnlyList<PutAttempt> attempts;
            try
            {
                var stored = await put.Put.ConfigureAwait(false);
                attempts = stored.Attempts;
                ledger.Note(put.Number, stored.IsStored);
                if (!stored.IsStored)
                    Fail(PutFailureReason.Dropped);
            }
            catch (PutFailedException exception)
            {
                attempts = exception.Attempts;
                ledger.Note(put.Number, isStored: false);
                Fail(exception.Reason);
            }

            var latency = TimeSpan.Zero;
            foreach (var attempt in attempts)
            {
                latency += attempt.Delay + attempt.Duration;
                result.Throttled += attempt.ErrorCode == ErrorCodes.ProvisionedThroughputExceeded ? 1 : 0;
            }

            result.Attempts += attempts.Count;
            if (attempts.Count > 0)
                result.Latency.Add(latency);
        }

        void Fail(PutFailureReason reason) => result.Failures[reason.ToString()] = result.Failures.GetValueOrDefault(reason.ToString()) + 1;
    }

    /// <summary>A key that hardly comes again: the shards get the same share each.</summary>
    internal static string KeyOf(long number) => number.ToString("x16", CultureInfo.InvariantCulture);
}
