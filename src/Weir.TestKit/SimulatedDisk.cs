using System.Text;

namespace Weir.TestKit;

internal sealed class PlannedFault(SimulatedCall call, Exception error, int nth, bool lasting = false)
{
    private int _left = nth;

    /// <summary>Counts the call; true when it is the one to fail, or comes after it and the fault lasts.</summary>
    public bool IsDue(SimulatedCall present) => present == call && (--_left == 0 || (lasting && _left < 0));

    public bool Lasts => lasting;

    public Exception Error => error;
}

/// <summary>What all directories and files of one disk share. Everything under its lock.</summary>
internal sealed class SimulatedDisk(int seed, SimulatedFaults faults)
{
    private const ulong FnvStart = 14695981039346656037, FnvPrime = 1099511628211;

    private readonly Lock _gate = new();

    public Random Random { get; } = new(seed);

    public SimulatedDirectoryNode? Root { get; set; }

    public SimulatedFaults Faults { get; set; } = faults;

    public List<PlannedFault> Planned { get; } = [];

    /// <summary>Those that are not durable, oldest first.</summary>
    public List<SimulatedMove> Moves { get; } = [];

    public long? CapacityBytes { get; set; }

    public ulong TraceHash { get; private set; } = FnvStart;

    public int Changes { get; private set; }

    public int PowerLostAt { get; set; } = int.MaxValue;

    public bool IsReadOnly { get; set; }

    /// <summary>Counts restarts: handles of an earlier life are dead.</summary>
    public int Life { get; private set; }

    public T Locked<T>(Func<T> action)
    {
        lock (_gate)
            return action();
    }

    public void Locked(Action action)
    {
        lock (_gate)
            action();
    }

    public void Restart(string how)
    {
        Life++;
        PowerLostAt = int.MaxValue;
        Planned.Clear();
        Record(how);
    }

    /// <summary>Of the moves that are not durable, any may not have happened; each by itself.</summary>
    public void UndoMoves()
    {
        for (var i = Moves.Count - 1; i >= 0; i--)
        {
            if (Random.Next(2) == 0)
                Moves[i].Undo();
        }

        Moves.Clear();
    }

    public void Check()
    {
        if (Changes >= PowerLostAt)
            throw new IOException("The simulated power is gone.");
    }

    /// <summary>Before a change: fails when planned, by chance, or without power.</summary>
    public void Change(SimulatedCall call, string what)
    {
        Check();
        Changes++;
        Record($"{call} {what}");
        if (IsReadOnly)
            throw new IOException($"The simulated file system is read-only: {call} {what}.");
        Plan(call);
        var isSync = call is SimulatedCall.Sync or SimulatedCall.SyncDirectory;
        if (Chance(isSync ? Faults.Sync : Faults.Io))
            throw new IOException($"Simulated failure of {call} {what}.");
        if (call is SimulatedCall.Create or SimulatedCall.Allocate or SimulatedCall.Write && Chance(Faults.Full))
            throw new Weir.Log.StorageFullException(what);
    }

    /// <summary>Before a call that changes nothing: fails when planned, by chance, or without power.</summary>
    public void Look(SimulatedCall call)
    {
        Check();
        Plan(call);
        if (Chance(Faults.Read))
            throw new IOException($"Simulated failure of {call}.");
    }

    private void Plan(SimulatedCall call)
    {
        if (Planned.Find(fault => fault.IsDue(call)) is not { } due)
            return;
        if (!due.Lasts)
            Planned.Remove(due);
        throw due.Error;
    }

    public void RequireRoom(long growth, string what)
    {
        if (growth > 0 && CapacityBytes is { } capacity && Root!.TotalBytes + growth > capacity)
            throw new Weir.Log.StorageFullException(what);
    }

    public bool Chance(double chance) => chance > 0 && Random.NextDouble() < chance;

    private void Record(string call)
    {
        foreach (var b in Encoding.UTF8.GetBytes(call))
            TraceHash = (TraceHash ^ b) * FnvPrime;
    }
}
