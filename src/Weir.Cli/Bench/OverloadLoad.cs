using System.Net.Sockets;

namespace Weir.Cli.Bench;

/// <summary>
/// Offers records at fixed times over a bounded number of connections, whatever the answers: a connection that is refused comes with
/// its next request as soon as one is due, and one that breaks is counted and made anew.
/// </summary>
internal sealed class OverloadLoad(LoadPlan plan, Uri endpoint, RequestPool requests, TimeProvider time)
{
    // A server that takes no connections is not asked a thousand times a second for one.
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(100);

    private long _next;

    /// <summary>Runs the load for the plan's warm-up and duration.</summary>
    public async Task<OverloadResult> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var pacer = new Pacer(time, plan.RequestsPerSecond);
        var begin = time.GetTimestamp() + Ticks(plan.Warmup);
        var end = begin + Ticks(plan.Duration);
        var workers = Enumerable.Range(0, plan.Connections).Select(_ => Task.Run(() => WorkAsync(pacer, begin, end, stop.Token), CancellationToken.None)).ToList();
        try
        {
            await Task.Delay(plan.Warmup + plan.Duration, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        var total = new OverloadResult { Measured = plan.Duration, Offered = (long)(plan.RecordsPerSecond * plan.Duration.TotalSeconds) };
        foreach (var result in await Task.WhenAll(workers).ConfigureAwait(false))
            total.Add(result);
        return total;
    }

    private async Task<OverloadResult> WorkAsync(Pacer pacer, long begin, long end, CancellationToken stop)
    {
        var result = new OverloadResult();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await LoadConnection.OpenAsync(endpoint, stop).ConfigureAwait(false);
                // At the end the answer that is still out is not waited for: a refusal may take its time.
                using var ending = stop.Register(connection.Dispose);
                await SendAsync(connection, pacer, result, begin, end, stop).ConfigureAwait(false);
            }
            catch (Exception exception) when (stop.IsCancellationRequested && exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                return result;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                OverloadResult.Count(result.Broken, exception is SocketException socket ? socket.SocketErrorCode.ToString() : exception.Message, 1);
                await Task.Delay(ReconnectPause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return result;
    }

    private async Task SendAsync(LoadConnection connection, Pacer pacer, OverloadResult result, long begin, long end, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await pacer.NextAsync(stop).ConfigureAwait(false);
            var sent = time.GetTimestamp();
            var answer = await connection.ExchangeAsync(requests.Request(Interlocked.Increment(ref _next))).ConfigureAwait(false);
            var done = time.GetTimestamp();
            if (done >= begin && done < end)
                Count(result, answer, time.GetElapsedTime(sent, done));
        }
    }

    private void Count(OverloadResult result, LoadAnswer answer, TimeSpan took)
    {
        if (answer.Status != 200)
        {
            // An error of the protocol has a name; a bare status is some other layer's.
            if (answer.Error is { } error && !error.StartsWith("HTTP ", StringComparison.Ordinal))
                OverloadResult.Count(result.Refused, error, plan.Batch);
            else
                OverloadResult.Count(result.Broken, answer.Error ?? "an answer without an error", 1);
            return;
        }

        var accepted = plan.Batch - answer.Failed;
        result.Accepted += accepted;
        if (answer.Failed > 0)
            OverloadResult.Count(result.Refused, answer.Error ?? "an entry without an error", answer.Failed);
        if (accepted > 0)
            result.Latency.Add(took);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
