using Weir.TestKit;

namespace Weir.Log.Tests.Faults;

/// <summary>
/// Every call that a log makes to the file system fails once: rolls, footers, shard tables, checkpoints, cuts, segments given up by retention and their room given
/// back, fsyncs of files and directories, openings, listings, reads. Method: one run over all of them (appends that roll, the end of a shard, a trim, a close, a restart) is
/// repeated with the first call of a kind failing, then the second, until none is left to fail. Each run must end in the state that
/// docs/operations/failures.md gives for its fault, and nothing acknowledged may be lost, also when the power goes afterwards.
/// </summary>
public sealed class EveryCallTests(ITestOutputHelper output)
{
    private static readonly IOException Broken = new("the disk is broken");

    public enum Fault
    {
        Error,
        NoRoom,
        NoHandle,
    }

    /// <summary>What a fault leaves behind.</summary>
    public enum State
    {
        /// <summary>The call was refused; the log goes on by itself.</summary>
        GoesOn,

        /// <summary>The log takes nothing until it is reopened.</summary>
        Latched,
    }

    [Theory]
    [InlineData(SimulatedCall.Create, Fault.Error, State.Latched)]
    [InlineData(SimulatedCall.Create, Fault.NoRoom, State.GoesOn)]
    [InlineData(SimulatedCall.Create, Fault.NoHandle, State.GoesOn)]
    [InlineData(SimulatedCall.Write, Fault.Error, State.Latched)]
    [InlineData(SimulatedCall.Write, Fault.NoRoom, State.GoesOn)]
    [InlineData(SimulatedCall.Allocate, Fault.Error, State.Latched)]
    [InlineData(SimulatedCall.Allocate, Fault.NoRoom, State.GoesOn)]
    [InlineData(SimulatedCall.Truncate, Fault.Error, State.Latched)]
    [InlineData(SimulatedCall.Sync, Fault.Error, State.Latched)]
    [InlineData(SimulatedCall.Sync, Fault.NoRoom, State.Latched)]
    [InlineData(SimulatedCall.SyncDirectory, Fault.Error, State.Latched)]
    [InlineData(SimulatedCall.SyncDirectory, Fault.NoHandle, State.GoesOn)]
    [InlineData(SimulatedCall.Move, Fault.Error, State.GoesOn)]
    [InlineData(SimulatedCall.Move, Fault.NoRoom, State.GoesOn)]
    [InlineData(SimulatedCall.Delete, Fault.Error, State.GoesOn)]
    [InlineData(SimulatedCall.Open, Fault.Error, State.GoesOn)]
    [InlineData(SimulatedCall.Open, Fault.NoHandle, State.GoesOn)]
    [InlineData(SimulatedCall.List, Fault.Error, State.GoesOn)]
    [InlineData(SimulatedCall.List, Fault.NoHandle, State.GoesOn)]
    [InlineData(SimulatedCall.Read, Fault.Error, State.GoesOn)]
    public async Task Every_call_that_fails_leaves_the_documented_state_and_everything_acknowledged(SimulatedCall call, Fault fault, State expected)
    {
        var (struck, latched) = (0, 0);
        for (var nth = 1; ; nth++)
        {
            await using var log = new FaultyLog(seed: nth);
            log.Disk.FailNext(call, ErrorOf(fault), nth);
            if (await RunAsync(log) is not { } end)
                break;
            struck++;
            if (end == State.Latched)
                latched++;
            Assert.False(end == State.Latched && expected == State.GoesOn, $"{call} {nth} ended the log.");
        }

        output.WriteLine($"{struck} calls, {latched} of them ended the log until it was reopened.");
        Assert.True(struck > 1, $"The run hardly makes a {call}: nothing was shown.");
        // The calls before and behind the log's life (its opening, its close) refuse or end it, and latch nothing that is used.
        Assert.Equal(expected == State.Latched, latched > 0);
    }

    private static Exception ErrorOf(Fault fault) => fault switch
    {
        Fault.NoRoom => new StorageFullException("the file"),
        Fault.NoHandle => StorageFullException.NoHandles("the file", Broken),
        _ => Broken,
    };

    /// <summary>The state that the fault led to; null when the run had no call left for it to strike.</summary>
    private static async Task<State?> RunAsync(FaultyLog log)
    {
        await OpenInSpiteOfOneFailureAsync(log);
        for (var i = 0; i < 10; i++)
            await TryAsync(log, () => log.AppendAsync(i % 3));
        await TryAsync(log, () => log.CloseShardAsync(2));
        log.Time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 4; i++)
            await TryAsync(log, () => log.AppendAsync(i % 2));
        await TryAsync(log, () => log.TrimAsync(log.Time.GetUtcNow() - TimeSpan.FromSeconds(5)));
        log.Release();
        await TryAsync(log, () => log.TrimAsync(log.Time.GetUtcNow() - TimeSpan.FromSeconds(5)));
        log.Release();
        await TryAsync(log, () => log.AppendAsync(1));

        var end = await StateAsync(log);
        Read(() => log.AssertNothingLost());

        await log.CloseAsync();
        await OpenInSpiteOfOneFailureAsync(log);
        Read(() => log.AssertNothingLost(uncertain: 1));
        Read(log.TakeAsAcknowledged);
        if (await StateAsync(log) == State.Latched)
            end = State.Latched;
        var struck = log.Disk.PlannedFaults == 0;
        // The power goes: what counts now is what is on the disk.
        log.Disk.Crash();
        await log.OpenAsync();
        log.AssertNothingLost(uncertain: 1);
        log.Release();
        Assert.Empty(log.Discarded);
        return struck ? end : null;
    }

    /// <summary>Whether the log takes appends, after one that may be the one to fail; and that it is as it says.</summary>
    private static async Task<State> StateAsync(FaultyLog log)
    {
        await TryAsync(log, () => log.AppendAsync(0));
        if (log.Log.Failure is null)
        {
            // Once the fault is over, whatever it was, nothing of it is left.
            if (log.Disk.PlannedFaults == 0)
                Assert.Equal(AppendOutcome.Appended, await log.AppendAsync(0));
            return State.GoesOn;
        }

        await log.AssertRefusesAtOnceAsync();
        return State.Latched;
    }

    /// <summary>A step may fail, and may not do harm.</summary>
    private static async Task TryAsync(FaultyLog log, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e) when (e is IOException or StorageFullException or LogFailedException)
        {
            // By which of them is the business of the other tests; what it leaves behind is this one's.
            Assert.NotEmpty(e.Message);
        }
    }

    private static void Read(Action read)
    {
        try
        {
            read();
        }
        catch (LogUnreadableException e)
        {
            Assert.NotNull(e.InnerException);
            Assert.EndsWith(".segment", e.File, StringComparison.Ordinal);
            // This reader only, and this time only.
            read();
        }
    }

    private static async Task OpenInSpiteOfOneFailureAsync(FaultyLog log)
    {
        try
        {
            await log.OpenAsync();
        }
        catch (Exception e) when (e is IOException or StorageFullException)
        {
            // Nothing of the attempt is in the way of the next.
            await log.OpenAsync();
        }
    }
}
