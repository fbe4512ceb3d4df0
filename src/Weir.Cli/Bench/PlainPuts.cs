using Weir.Client;
using Weir.Model;
using Weir.Producer;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench;

/// <summary>Puts records without a producer: as many PutRecords of 500 at a time as a producer has in flight, one user record an entry.</summary>
internal sealed class PlainPuts(KinesisClient client, LoadPlan plan, int seed, TimeProvider time)
{
    private readonly string[] _keys = plan.AllKeys();

    /// <summary>Puts for the plan's duration, after its warm-up.</summary>
    public async Task<ProducerResult> RunAsync(string way, CancellationToken stop)
    {
        var total = new ProducerResult { Way = way, Elapsed = plan.Duration };
        var began = time.GetTimestamp();
        var workers = Enumerable.Range(0, ProducerOptions.DefaultMaxRequestsInFlight)
            .Select(worker => Task.Run(() => WorkAsync(way, worker, began, stop), CancellationToken.None)).ToList();
        await Task.Delay(plan.Warmup, time, stop).ConfigureAwait(false);
        var allocated = GC.GetTotalAllocatedBytes();
        await Task.Delay(plan.Duration, time, stop).ConfigureAwait(false);
        total.AllocatedBytes = GC.GetTotalAllocatedBytes() - allocated;
        foreach (var result in await Task.WhenAll(workers).ConfigureAwait(false))
            total.Add(result);
        total.ResidentBytes = Environment.WorkingSet;
        return total;
    }

    private async Task<ProducerResult> WorkAsync(string way, int worker, long began, CancellationToken stop)
    {
        var result = new ProducerResult { Way = way };
        var random = new Random(seed + worker);
        var data = new byte[plan.RecordBytes];
        random.NextBytes(data);
        var (from, until) = (plan.Warmup, plan.Warmup + plan.Duration);
        while (time.GetElapsedTime(began) < until && !stop.IsCancellationRequested)
        {
            var entries = new PutRecordsRequestEntry[KinesisLimits.MaxPutRecordsEntries];
            for (var i = 0; i < entries.Length; i++)
                entries[i] = new PutRecordsRequestEntry { Data = data, PartitionKey = _keys[random.Next(_keys.Length)] };
            var sent = time.GetTimestamp();
            var answer = await client.PutRecordsAsync(new PutRecordsRequest { StreamName = plan.Stream, Records = entries }, stop).ConfigureAwait(false);
            var elapsed = time.GetElapsedTime(began);
            if (elapsed < from || elapsed >= until)
                continue;
            Count(result, answer, time.GetElapsedTime(sent));
        }

        return result;
    }

    private void Count(ProducerResult result, PutRecordsResponse answer, TimeSpan latency)
    {
        foreach (var entry in answer.Records ?? [])
        {
            result.Attempts++;
            if (entry.ErrorCode is { } code)
            {
                result.Failed++;
                result.Throttled += code == Protocol.ErrorCodes.ProvisionedThroughputExceeded ? 1 : 0;
                continue;
            }

            result.Stored++;
            result.KinesisRecords++;
            result.Bytes += plan.RecordBytes;
            result.Latency.Add(latency);
        }
    }
}
