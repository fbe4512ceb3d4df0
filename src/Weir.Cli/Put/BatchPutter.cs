using System.Globalization;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Put;

/// <summary>Puts one batch until every record of it is stored: only those that the server refused go again. Thread-safe.</summary>
internal sealed class BatchPutter(KinesisClient client, string stream, PutTotals totals, TimeProvider time, Random random)
{
    /// <summary>How long refusals are borne without a single record getting through.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    /// <summary>Puts the batch.</summary>
    /// <exception cref="CommandFailure">Something of the batch could not be put; the text names the lines.</exception>
    public async Task PutAsync(List<InputRecord> batch, CancellationToken cancellationToken)
    {
        var pending = batch;
        var lastProgress = time.GetTimestamp();
        for (var fruitless = 0; ; fruitless++)
        {
            var (refused, reason) = await SendAsync(pending, cancellationToken).ConfigureAwait(false);
            if (refused.Count == 0)
                return;
            if (refused.Count < pending.Count)
            {
                lastProgress = time.GetTimestamp();
                // Half of them through: the shard is nearly keeping up. Fewer: wait longer, for most would be refused again.
                if (refused.Count <= pending.Count / 2)
                    fruitless = 0;
            }
            else if (time.GetElapsedTime(lastProgress) > Patience)
            {
                throw new CommandFailure($"{Lines(refused)}: refused for {Patience.TotalSeconds:0} s: {reason}");
            }

            pending = refused;
            totals.AddResent(pending.Count);
            await Task.Delay(Delay(fruitless), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(List<InputRecord> Refused, string Reason)> SendAsync(List<InputRecord> records, CancellationToken cancellationToken)
    {
        var request = new PutRecordsRequest
        {
            StreamName = stream,
            Records = [.. records.Select(record => new PutRecordsRequestEntry { Data = record.Data, PartitionKey = record.Key })],
        };
        try
        {
            var response = await client.PutRecordsAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.Records?.Count != records.Count)
                throw new CommandFailure($"{Lines(records)}: the server answered for {response.Records?.Count ?? 0} of {records.Count} records.");
            return Sort(records, response.Records);
        }
        catch (KinesisThroughputExceededException exception)
        {
            return (records, exception.Message);
        }
        catch (KinesisConnectionException exception) when (exception.Reason != KinesisConnectionFailure.Unreachable)
        {
            throw new CommandFailure($"{Lines(records)}: stored or not, the answer never came. {exception.Message}", exception);
        }
        catch (KinesisException exception) when (exception is not KinesisConnectionException)
        {
            throw new CommandFailure($"{Lines(records)}: {exception.Message} ({exception.Code})", exception);
        }
    }

    private (List<InputRecord> Refused, string Reason) Sort(List<InputRecord> records, IReadOnlyList<PutRecordsResultEntry> results)
    {
        var refused = new List<InputRecord>();
        var reason = "";
        for (var i = 0; i < records.Count; i++)
        {
            if (results[i].ErrorCode is { Length: > 0 } code)
            {
                refused.Add(records[i]);
                reason = $"{results[i].ErrorMessage} ({code})";
            }
            else
            {
                totals.Stored(records[i]);
            }
        }

        return (refused, reason);
    }

    private TimeSpan Delay(int fruitless)
    {
        var longest = FirstDelay * (1 << Math.Min(fruitless, 10));
        if (longest > LongestDelay)
            longest = LongestDelay;
        lock (random)
            return longest * (0.5 + (random.NextDouble() / 2));
    }

    private static string Lines(List<InputRecord> records) => records.Count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"line {records[0].Line}")
        : string.Create(CultureInfo.InvariantCulture, $"{records.Count} records of the lines {records[0].Line} to {records[^1].Line}");
}
