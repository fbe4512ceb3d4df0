using System.Globalization;
using Weir.Streams;

namespace Weir.Server.TestControls;

/// <summary>
/// Changes the server's clock for a test, one change after the other, and says when its effects are there: the timers on the way have
/// fired in order, every transition that became due is done, and what has expired is swept.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="machine">What the clock runs by when it runs; measures the patience.</param>
/// <param name="engine">What the clock's timers set going.</param>
/// <remarks>Thread-safe. A change goes on when its client hangs up. Changes that wait for others are held by their connections only.</remarks>
internal sealed class TestClock(ControllableTimeProvider time, TimeProvider machine, StreamEngine engine)
{
    /// <summary>Where the clock ends: well before sequence numbers do.</summary>
    public static readonly DateTimeOffset End = new(2400, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long a change waits in all, by the machine's clock, for transitions that do not come to an end.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Never disposed: a change that was asked for goes on when the server stops, and without its wait handle this holds nothing.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The time that the server shows.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Whether it stands still.</summary>
    public bool IsFrozen => time.IsFrozen;

    /// <summary>How far it is ahead of the machine's clock; negative when it is behind.</summary>
    public TimeSpan Ahead => time.GetUtcNow() - machine.GetUtcNow();

    /// <summary>Makes a change and waits for its effects.</summary>
    /// <returns>Done, or why not; then nothing has changed, except that the clock has moved when transitions did not end in time.</returns>
    public async Task<ClockOutcome> ChangeAsync(ClockChange change)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Move(change, out var move) is { } refusal)
                return refusal;
            if (change.Freeze)
                time.Freeze();
            var settled = true;
            if (change.Set is { } set)
                move = set - Now;
            if (change.Advance is not null || change.Set is not null)
                settled = await MoveAsync(move > TimeSpan.Zero ? move : TimeSpan.Zero).ConfigureAwait(false);
            if (change.Resume)
                time.Resume();
            return settled ? ClockOutcome.Done : ClockOutcome.Unsettled(Now);
        }
        finally
        {
            _turn.Release();
        }
    }

    private ClockOutcome? Move(ClockChange change, out TimeSpan move)
    {
        var now = Now;
        move = change.Advance ?? (change.Set is { } set ? set - now : TimeSpan.Zero);
        if (move < TimeSpan.Zero)
            return ClockOutcome.Refused($"set is {Text(change.Set!.Value)}, and the clock shows {Text(now)}; time only goes forward.");
        if (move > DurationText.Longest)
            return ClockOutcome.Refused($"set is {Text(change.Set!.Value)}, and the clock shows {Text(now)}; it moves at most {DurationText.Of(DurationText.Longest)} at once.");
        return now + move <= End ? null : ClockOutcome.Refused($"The clock would show {Text(now + move)}; it ends at {Text(End)}.");
    }

    /// <returns>Whether the transitions that became due ended in time.</returns>
    private async Task<bool> MoveAsync(TimeSpan move)
    {
        using var patience = new CancellationTokenSource(Patience, machine);
        var settled = true;
        await time.MoveAsync(move, SettleAsync).ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
        if (settled)
            await engine.SweepRetentionAsync(CancellationToken.None).ConfigureAwait(false);
        return settled;

        async Task SettleAsync()
        {
            try
            {
                // Once in vain is enough: the clock goes on to where it was sent, and the answer says so.
                if (settled)
                    await engine.SettleAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                settled = false;
            }
        }
    }

    /// <summary>A time as the answers show it.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What became of a change of the clock.</summary>
/// <param name="IsDone">Whether everything has happened.</param>
/// <param name="Complaint">What is wrong with the request, or null.</param>
/// <param name="Trouble">What the server could not do, or null.</param>
internal readonly record struct ClockOutcome(bool IsDone, string? Complaint = null, string? Trouble = null)
{
    /// <summary>Changed, with all effects.</summary>
    public static ClockOutcome Done => new(IsDone: true);

    /// <summary>Nothing has changed.</summary>
    public static ClockOutcome Refused(string complaint) => new(IsDone: false, complaint);

    /// <summary>The clock has moved; transitions are still under way.</summary>
    public static ClockOutcome Unsettled(DateTimeOffset now) => new(
        IsDone: false,
        Trouble: $"The clock shows {TestClock.Text(now)}, but a transition that became due has not come to its end within {DurationText.Of(TestClock.Patience)}.");
}
