using System.Net.Sockets;

namespace Weir.Cli.Bench;

/// <summary>What one second of a steady load came to.</summary>
/// <remarks>Thread-safe: connections share it.</remarks>
internal sealed class SteadySecond
{
    private readonly Lock _gate = new();

    /// <summary>Latencies of the requests that were due in it. Read when the load has ended.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Records that were stored in it.</summary>
    public long Records { get; private set; }

    /// <summary>Records that were refused, and requests that failed.</summary>
    public long Failed { get; private set; }

    /// <summary>Resident memory of the server at its end; 0 when nobody looked.</summary>
    public long ResidentBytes { get; set; }

    /// <summary>Segments that were begun in it.</summary>
    public int SegmentsBegun { get; set; }

    /// <summary>Segments that retention deleted in it.</summary>
    public int SegmentsDeleted { get; set; }

    /// <summary>Whether a whole stream was deleted in it.</summary>
    public bool StreamDeleted { get; set; }

    /// <summary>Counts a latency.</summary>
    public void Due(TimeSpan latency)
    {
        lock (_gate)
            Latency.Add(latency);
    }

    /// <summary>Counts an answer.</summary>
    public void Answered(long stored, long failed)
    {
        lock (_gate)
            (Records, Failed) = (Records + stored, Failed + failed);
    }
}

/// <summary>Puts records at fixed times for long, and keeps what each second came to apart.</summary>
internal sealed class SteadyLoad(LoadPlan plan, Uri endpoint, RequestPool requests, TimeProvider time)
{
    // Requests that were due at the very end may be answered a little after it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long _next;

    /// <summary>The seconds of the load, the first one first.</summary>
    public IReadOnlyList<SteadySecond> Seconds { get; } = [.. Enumerable.Range(0, (int)Math.Ceiling(plan.Duration.TotalSeconds)).Select(_ => new SteadySecond())];

    /// <summary>Runs for the plan's duration.</summary>
    /// <exception cref="CommandFailure">A connection broke.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connections = new List<LoadConnection>();
        try
        {
            for (var i = 0; i < plan.Connections; i++)
                connections.Add(await LoadConnection.OpenAsync(endpoint, cancellationToken).ConfigureAwait(false));
            using var pacer = new Pacer(time, plan.RequestsPerSecond);
            var begin = time.GetTimestamp();
            var workers = Task.WhenAll(connections.Select(connection => Task.Run(() => WorkAsync(connection, pacer, begin, stop.Token), CancellationToken.None)));
            await Task.WhenAny(workers, Task.Delay(plan.Duration, time, cancellationToken)).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
            await workers.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            throw new CommandFailure($"The load could not go on: {exception.Message}", exception);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            foreach (var connection in connections)
                connection.Dispose();
        }
    }

    private async Task WorkAsync(LoadConnection connection, Pacer pacer, long begin, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var intended = await pacer.NextAsync(stop).ConfigureAwait(false);
                var answer = await connection.ExchangeAsync(requests.Request(Interlocked.Increment(ref _next))).ConfigureAwait(false);
                var done = time.GetTimestamp();
                SecondOf(begin, intended)?.Due(time.GetElapsedTime(intended, done));
                var failed = answer.Status == 200 ? answer.Failed : plan.Batch;
                SecondOf(begin, done)?.Answered(plan.Batch - failed, failed);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The time is up.
            return;
        }
    }

    private SteadySecond? SecondOf(long begin, long timestamp)
    {
        var second = (int)time.GetElapsedTime(begin, Math.Max(begin, timestamp)).TotalSeconds;
        return second < Seconds.Count ? Seconds[second] : null;
    }
}
