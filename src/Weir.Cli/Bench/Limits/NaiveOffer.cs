using Weir.Client;
using Weir.Model;
using Weir.Producer;
using Weir.Protocol;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench.Limits;

/// <summary>
/// Offers records by PutRecords, with the retries that everybody writes first: what was refused goes again at once, until it is stored.
/// As many requests at a time as a producer has in flight.
/// </summary>
internal sealed class NaiveOffer(KinesisClient client, string stream, LimitsPlan plan, RecordLedger ledger, int seed, TimeProvider time)
{
    /// <summary>Offers for the plan's time, and waits for all outcomes.</summary>
    public async Task<LimitsResult> RunAsync(string way, CancellationToken stop)
    {
        var total = new LimitsResult { Way = way };
        const int workers = ProducerOptions.DefaultMaxRequestsInFlight;
        var running = Enumerable.Range(0, workers).Select(worker => Task.Run(() => WorkAsync(worker, workers, stop), CancellationToken.None)).ToList();
        foreach (var (result, due) in await Task.WhenAll(running).ConfigureAwait(false))
        {
            total.Add(result);
            total.Due += due;
        }

        return total;
    }

    private async Task<(LimitsResult Result, long Due)> WorkAsync(int worker, int workers, CancellationToken stop)
    {
        var result = new LimitsResult { Way = "" };
        var random = new Random(seed + worker);
        var data = new byte[KinesisLimits.MaxPutRecordsEntries * plan.RecordBytes];
        random.NextBytes(data);
        var records = new List<(long Number, PutRecordsRequestEntry Entry)>();
        var pace = new OfferPace(time, plan.OfferedPerSecond / workers, plan.Warmup + plan.Duration, stop);
        while (await pace.NextAsync().ConfigureAwait(false))
        {
            var bytes = data.AsMemory(records.Count * plan.RecordBytes, plan.RecordBytes);
            var number = ledger.Offer(bytes.Span);
            records.Add((number, new PutRecordsRequestEntry { Data = bytes, PartitionKey = ProducerOffer.KeyOf(random.NextInt64()) }));
            if (records.Count < KinesisLimits.MaxPutRecordsEntries && (records.Count + 1) * plan.RecordBytes < KinesisLimits.MaxPutRecordsBytes / 2)
                continue;
            await PutAsync(records, result, stop).ConfigureAwait(false);
            records.Clear();
        }

        await PutAsync(records, result, stop).ConfigureAwait(false);
        return (result, pace.Due);
    }

    private async Task PutAsync(List<(long Number, PutRecordsRequestEntry Entry)> records, LimitsResult result, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        for (var pending = records; pending.Count > 0;)
        {
            stop.ThrowIfCancellationRequested();
            var answer = await client.PutRecordsAsync(
                new PutRecordsRequest { StreamName = stream, Records = [.. pending.Select(record => record.Entry)] }, stop).ConfigureAwait(false);
            var refused = new List<(long, PutRecordsRequestEntry)>();
            for (var i = 0; i < pending.Count; i++)
            {
                result.Attempts++;
                if (answer.Records![i].ErrorCode is { } code)
                {
                    result.Throttled += code == ErrorCodes.ProvisionedThroughputExceeded ? 1 : 0;
                    refused.Add(pending[i]);
                    continue;
                }

                ledger.Note(pending[i].Number, isStored: true);
                result.Latency.Add(time.GetElapsedTime(began));
            }

            pending = refused;
        }
    }
}
