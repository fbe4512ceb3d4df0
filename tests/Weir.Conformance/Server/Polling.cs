namespace Weir.Conformance.Server;

/// <summary>
/// Waits for a state of another process. Real clients against a real process share no clock that a test could move, so this
/// is the one place here that lets real time pass, and it ends as soon as the state is reached.
/// </summary>
internal static class Polling
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer is not null; fails after <paramref name="patience"/> with <paramref name="what"/>.</summary>
    public static async Task<T> UntilAsync<T>(string what, TimeSpan patience, Func<Task<T?>> ask) where T : class
    {
        using var timer = new PeriodicTimer(Interval);
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            do
            {
                if (await ask() is { } answer)
                    return answer;
            }
            while (await timer.WaitForNextTickAsync(deadline.Token));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // Falls through to the message below, which names what was waited for.
        }

        throw new TimeoutException($"Waited {patience.TotalSeconds:0} s in vain: {what}.");
    }
}
