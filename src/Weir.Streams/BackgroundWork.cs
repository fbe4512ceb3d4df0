using Microsoft.Extensions.Logging;

namespace Weir.Streams;

/// <summary>Tasks that go on after their caller was answered: each is observed, and all are awaited at the end.</summary>
/// <remarks>Bounded by its callers: a stream has at most one transition under way.</remarks>
internal sealed partial class BackgroundWork(ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<Task> _running = [];

    public void Start(Func<Task> work)
    {
        var task = ObserveAsync(work);
        lock (_gate)
            _running.Add(task);
        task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_gate)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private void Forget(Task task)
    {
        lock (_gate)
            _running.Remove(task);
    }

    private async Task ObserveAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The process ends; what was begun is in the catalog and is finished at the next start.
            Log.Postponed(logger);
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Debug, "A state transition is left to the next start.")]
        public static partial void Postponed(ILogger logger);

        [LoggerMessage(2011, LogLevel.Error, "Background work failed; what it had to do is tried again at the next start.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
