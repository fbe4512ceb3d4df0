using Microsoft.Extensions.Logging;

namespace Weir.Streams;

/// <summary>The second halves of state transitions: what the catalog has promised gets done, now or later, however often it fails.</summary>
/// <remarks>Thread-safe. Work that the end of the process interrupts is found in the catalog by the next start.</remarks>
internal sealed partial class Transitions(StreamsOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly BackgroundWork _background = new(logger);
    private readonly DueWork _due = new(time);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when the engine stops: long work leaves what is left to the next start.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Runs a change: before the answer when transitions take no time, else after their delay in the background.</summary>
    public async Task RunAsync(Func<Task> change)
    {
        if (options.TransitionDelay == TimeSpan.Zero)
            await SettleAsync(change).ConfigureAwait(false);
        else
            Start(change, options.TransitionDelay);
    }

    /// <summary>Runs a change in the background, however long it takes, again and again until it succeeds.</summary>
    public void Start(Func<Task> change, TimeSpan delay)
    {
        // Noted before the caller goes on, so that whoever asks afterwards waits for it.
        var entry = _due.Add(delay);
        _background.Start(() => RetryAsync(change, delay, entry));
    }

    /// <summary>Runs a change now, or again and again in the background until it succeeds (a full disk, say).</summary>
    public async Task SettleAsync(Func<Task> change)
    {
        try
        {
            await change().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.Postponed(logger, exception);
            Start(change, FirstRetry);
        }
    }

    /// <summary>Notes other work of the engine that becomes due after a delay, for those who wait until nothing is due; dispose it when it is done.</summary>
    public DueWork.Entry Note(TimeSpan delay) => _due.Add(delay);

    /// <summary>Completes when every background change whose time has come is done, or has failed and waits for its next try.</summary>
    public Task SettledAsync(CancellationToken cancellationToken) => _due.WhenNoneAsync(cancellationToken);

    /// <summary>Ends the waits; what was begun is awaited.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _background.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RetryAsync(Func<Task> change, TimeSpan delay, DueWork.Entry entry)
    {
        using var open = entry;
        while (true)
        {
            // The end of the process ends the wait; the next start goes on from the catalog.
            await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(false);
            try
            {
                await change().ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                Log.Postponed(logger, exception);
                delay = delay < FirstRetry ? FirstRetry : delay < LastRetry ? delay * 2 : LastRetry;
                entry.Postpone(delay);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2003, LogLevel.Warning, "A state transition could not be finished yet and is tried again.")]
        public static partial void Postponed(ILogger logger, Exception exception);
    }
}
