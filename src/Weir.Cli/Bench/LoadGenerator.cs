using System.Net.Sockets;

namespace Weir.Cli.Bench;

/// <summary>Makes the load of a plan and measures it.</summary>
internal sealed class LoadGenerator(LoadPlan plan, Uri endpoint, RequestPool requests, TimeProvider time)
{
    private long _next;

    /// <summary>One round: connect, warm up, measure.</summary>
    /// <exception cref="CommandFailure">The server cannot be reached.</exception>
    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        var connections = new List<LoadConnection>();
        try
        {
            for (var i = 0; i < plan.Connections; i++)
                connections.Add(await LoadConnection.OpenAsync(endpoint, cancellationToken).ConfigureAwait(false));
            return await MeasureAsync(connections, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw new CommandFailure($"Cannot reach {Connection.Name(endpoint)}: {exception.Message}.", exception);
        }
        finally
        {
            foreach (var connection in connections)
                connection.Dispose();
        }
    }

    private async Task<LoadResult> MeasureAsync(List<LoadConnection> connections, CancellationToken cancellationToken)
    {
        using var pacer = plan.IsOpenLoop ? new Pacer(time, plan.RequestsPerSecond) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begin = time.GetTimestamp() + Ticks(plan.Warmup);
        var end = begin + Ticks(plan.Duration);
        var workers = connections.Select(connection => Task.Run(() => WorkAsync(connection, pacer, begin, end, stop.Token), CancellationToken.None)).ToList();
        try
        {
            await Task.Delay(plan.Warmup + plan.Duration, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        var total = new LoadResult { Measured = plan.Duration, NeverSent = pacer?.Backlog ?? 0 };
        foreach (var result in await Task.WhenAll(workers).ConfigureAwait(false))
            total.Add(result);
        return total;
    }

    private async Task<LoadResult> WorkAsync(LoadConnection connection, Pacer? pacer, long begin, long end, CancellationToken stop)
    {
        var result = new LoadResult();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var intended = pacer is null ? time.GetTimestamp() : await pacer.NextAsync(stop).ConfigureAwait(false);
                var answer = await connection.ExchangeAsync(requests.Request(Interlocked.Increment(ref _next))).ConfigureAwait(false);
                var done = time.GetTimestamp();
                // A rate counts what was finished in the measured time; a latency belongs to the time in which it began.
                if (done >= begin && done < end)
                    Count(result, answer);
                if (intended >= begin && intended < end)
                    result.Latency.Add(time.GetElapsedTime(intended, done));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The time is up.
            return result;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            result.Errors++;
            result.LastError = exception.Message;
        }

        return result;
    }

    private void Count(LoadResult result, LoadAnswer answer)
    {
        result.Requests++;
        if (answer.Status == 200)
        {
            result.Records += plan.Batch - answer.Failed;
            result.Bytes += (long)(plan.Batch - answer.Failed) * plan.RecordBytes;
            result.Throttled += answer.Failed;
        }
        else if (answer.Error == Weir.Protocol.ErrorCodes.ProvisionedThroughputExceeded)
        {
            result.Throttled++;
        }
        else
        {
            result.Errors++;
            result.LastError = answer.Error;
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
