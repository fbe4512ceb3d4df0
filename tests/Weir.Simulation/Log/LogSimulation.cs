using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Log.Format;
using Weir.TestKit;

namespace Weir.Simulation.Log;

/// <summary>
/// One life of a log after the other, all from one seed: clients append to a few shards, end some, trim and read, while segments roll
/// every few records and the disk fails by chance, and other logs come and go; the room of what was trimmed and deleted is given back step by step, under
/// readers that are still at it. Then the power goes, or the process, or the log is closed in order, and what the
/// next life finds is compared with what was acknowledged. In the end everything that was given up is gone.
/// </summary>
internal sealed class LogSimulation
{
    private const int Shards = 4;
    private const int StepsOfALife = 40;
    private const int MaxBlocks = 3;

    // Power is lost after the first, second, ... twelfth change of a life.
    private const int LivesOfARound = 12;

    private static readonly LogId Id = new(1);

    private readonly Random _random;
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedDirectory _disk;
    private readonly SimulatedFaults _faults;
    private readonly Durability _durability;
    private readonly LogOptions _options;
    private readonly ShardModel[] _shards = [.. Enumerable.Range(0, Shards).Select(shard => new ShardModel(shard))];
    private readonly PassingLogs _others;
    private readonly List<PendingAppend> _pending = [];
    private readonly List<(int Shard, Task<ShardState> Task)> _closing = [];

    // Of the present life.
    private StepwiseCommitScheduler _scheduler = new();
    private SegmentedLogStore? _store;
    private IRecordLog? _log;
    private HeldReader _held = new();

    private int _order;
    private DateTimeOffset _trimmedBefore = DateTimeOffset.MinValue;

    private sealed record PendingAppend(AppendBatch Batch, ValueTask Task, int Order, (int Shard, string[] Records)[] Blocks)
    {
        public int OrderOf(int block) => (Order * MaxBlocks) + block;
    }

    public LogSimulation(int seed)
    {
        _random = new Random(seed);
        _durability = _random.Next(10) switch { 0 => Durability.Os, 1 => Durability.Interval(TimeSpan.FromMilliseconds(50)), _ => Durability.Fsync };
        _faults = _random.Next(3) switch
        {
            0 => SimulatedFaults.None,
            1 => new SimulatedFaults { Full = 0.05 },
            _ => new SimulatedFaults { Io = 0.01, Sync = 0.01, Full = 0.02, Read = 0.01 },
        };
        _disk = new SimulatedDirectory(_random.Next());
        _others = new PassingLogs(_random, Id);
        _options = new LogOptions
        {
            Durability = _durability,
            SegmentBytes = 4096 << _random.Next(2),
            TailBytes = _random.Next(2) * 4096,
            QueueBytes = 16 * 1024,
        };
    }

    /// <summary>What acknowledgements promise in this simulation.</summary>
    public Durability Durability => _durability;

    /// <summary>How often the log was reopened after the power or the process went.</summary>
    public int Crashes { get; private set; }

    public int Acknowledged { get; private set; }

    /// <summary>How many reads the disk refused.</summary>
    public int UnreadableReads { get; private set; }

    /// <summary>How many files and logs a life found that an earlier one had given up.</summary>
    public int Leftovers { get; private set; }

    /// <summary>Hash over everything that happened.</summary>
    public ulong Trace => _disk.Trace;

    public void Run(int lives)
    {
        for (var life = 0; life < lives; life++)
        {
            Open();
            // The model is compared with what is there, on a disk that lets it be read.
            _disk.Faults = SimulatedFaults.None;
            CheckRestart();
            _disk.Faults = _faults;
            // Short spans too, one call after the other from the start of a life: the steps of recovery, of a roll, of a trim.
            if (_faults != SimulatedFaults.None && _random.Next(4) == 0)
                _disk.LosePowerAfter(_random.Next(2) == 0 ? 1 + (life % LivesOfARound) : _random.Next(1, 60));
            for (var step = _random.Next(StepsOfALife); step >= 0; step--)
                Step();
            End();
        }

        Open();
        _disk.Faults = SimulatedFaults.None;
        CheckRestart();
        _scheduler.RunSteps();
        if (Discarded() is > 0 and var left)
            throw new SimulationException($"{left} of what was given up is never released.");
    }

    private void Step()
    {
        switch (_random.Next(24))
        {
            case < 9:
                Append();
                break;
            case < 13:
                _scheduler.RunOne();
                Settle();
                break;
            case 13:
                Quiesce();
                break;
            case 14 when _random.Next(4) == 0:
                Close(_random.Next(Shards));
                break;
            case 15 when _random.Next(3) == 0:
                Trim();
                break;
            case 16 or 17:
                Quiesce();
                Read();
                break;
            case 18:
                _time.Advance(TimeSpan.FromMilliseconds(_random.Next(200)));
                break;
            case 19 when _random.Next(5) == 0:
                _time.ShiftWallClock(TimeSpan.FromMilliseconds(_random.Next(-500, 500)));
                break;
            case 20 when _random.Next(3) == 0:
                Quiesce();
                _others.ComeAndGo(_store!, Wait);
                break;
            case 21:
                Quiesce();
                if (_disk.HasPower && !_held.GoOn(_log!, _shards[_random.Next(Shards)], _trimmedBefore))
                    UnreadableReads++;
                break;
            case 22 or 23:
                _scheduler.RunStep();
                break;
        }
    }

    private void Append()
    {
        var order = _order++;
        var blocks = new (int Shard, string[] Records)[_random.Next(1, MaxBlocks + 1)];
        for (var i = 0; i < blocks.Length; i++)
        {
            var records = new string[_random.Next(1, 5)];
            for (var r = 0; r < records.Length; r++)
                records[r] = string.Create(CultureInfo.InvariantCulture, $"{order}.{i}.{r}:{new string((char)('a' + _random.Next(26)), Length())}");
            blocks[i] = (_random.Next(Shards), records);
        }

        var batch = LogTestExtensions.BatchOf(blocks);
        _pending.Add(new PendingAppend(batch, _log!.AppendAsync(batch), order, blocks));
    }

    private int Length() => _random.Next(20) == 0 ? _random.Next(3000) : _random.Next(200);

    private void Close(int shard) => _closing.Add((shard, _log!.CloseShardAsync(shard)));

    private void Trim()
    {
        if (_random.Next(2) == 0)
            Quiesce();
        var horizon = _time.GetUtcNow() - TimeSpan.FromMilliseconds(_random.Next(400));
        if (horizon > _trimmedBefore)
            _trimmedBefore = horizon;
        // A failure half way: what may come back is whole then.
        if (!Wait(_log!.TrimAsync(horizon, CancellationToken.None)))
            _scheduler.RunStep();
        Settle();
    }

    private void Read()
    {
        if (!_disk.HasPower)
            return;
        try
        {
            Read(_random.Next(Shards));
        }
        catch (LogUnreadableException)
        {
            // A read that the disk refuses is said, and is nobody else's trouble: what it would have given is compared after the next restart.
            UnreadableReads++;
        }
    }

    private void Read(int shard)
    {
        var model = _shards[shard];
        var from = _random.NextInt64(model.NextIndex + 2);
        model.CheckLive(_log!.ReadAll(shard, from), from, _trimmedBefore);
        if (model.Count == 0)
            return;
        var time = model.Acknowledged[_random.Next(model.Count)].Time;
        var found = _log!.FindTime(shard, time);
        var expected = model.Acknowledged.First(record => record.Time >= time).Index;
        if (found != expected && (found < expected || model.Acknowledged.Any(record => record.Index < found && record.Index >= expected && record.Time >= _trimmedBefore)))
            throw new SimulationException($"Shard {shard}: FindTime({time:O}) is {found} and not {expected}");
    }

    /// <summary>Runs all commits and takes in what they decided.</summary>
    private void Quiesce()
    {
        _scheduler.RunAll();
        Settle();
    }

    /// <summary>Takes in what was decided by now.</summary>
    private void Settle()
    {
        foreach (var append in _pending.Where(append => append.Task.IsCompleted).ToArray())
        {
            _pending.Remove(append);
            Settle(append);
        }

        foreach (var (shard, task) in _closing.Where(closing => closing.Task.IsCompleted).ToArray())
        {
            _closing.Remove((shard, task));
            if (task.IsCompletedSuccessfully)
                _shards[shard].Close(task.Result);
            else
                _shards[shard].MayBeClosed = true;
        }
    }

    private void Settle(PendingAppend append)
    {
        try
        {
            append.Task.GetAwaiter().GetResult();
        }
        catch (LogFailedException)
        {
            Doubt(append);
            return;
        }

        for (var i = 0; i < append.Blocks.Length; i++)
        {
            var (shard, records) = append.Blocks[i];
            var block = append.Batch.Blocks[i];
            switch (block.Outcome)
            {
                case AppendOutcome.Appended:
                    _shards[shard].Acknowledge(block, records);
                    Acknowledged += records.Length;
                    break;
                case AppendOutcome.StorageFull:
                    // A part of it may have been written before the disk said no.
                    _shards[shard].Uncertain(append.OrderOf(i), records);
                    break;
                case AppendOutcome.ShardClosed when _shards[shard].End is null && !_closing.Exists(closing => closing.Shard == shard):
                    throw new SimulationException($"Shard {shard} is open and refused as closed");
                case AppendOutcome.Pending:
                    throw new SimulationException("An append completed without an outcome");
            }
        }

        append.Batch.Dispose();
    }

    private void Doubt(PendingAppend append)
    {
        for (var i = 0; i < append.Blocks.Length; i++)
            _shards[append.Blocks[i].Shard].Uncertain(append.OrderOf(i), append.Blocks[i].Records);
    }

    private void Open()
    {
        // Opening may meet a failing disk as well; it must say so, and a later attempt must find everything.
        _disk.Faults = _random.Next(3) == 0 ? _faults : SimulatedFaults.None;
        for (var attempt = 1; ; attempt++)
        {
            _scheduler = new StepwiseCommitScheduler();
            _store = new SegmentedLogStore(_disk, _options, _time, NullLoggerFactory.Instance, _scheduler);
            try
            {
                _log = _store.OpenAsync(Id, CancellationToken.None).GetAwaiter().GetResult();
                _disk.KeepPower();
                return;
            }
            catch (Exception e) when (e is StorageFullException or IOException)
            {
                // Within recovery as well: each of its own calls may be the last one.
                if (attempt <= 2 && _random.Next(2) == 0)
                    _disk.LosePowerAfter(_random.Next(1, 12));
                if (_random.Next(2) == 0)
                    Crash(power: true);
                if (attempt == 5)
                    _disk.Faults = SimulatedFaults.None;
            }
        }
    }

    private void End()
    {
        _disk.Faults = _random.Next(2) == 0 ? SimulatedFaults.None : _faults;
        switch (_random.Next(5))
        {
            case 0:
                Wait(_log!.DisposeAsync().AsTask());
                Settle();
                // Power may go right after an orderly end, which leaves nothing behind that is not durable, whatever the level.
                if (_random.Next(2) == 0)
                    Crash(power: true, loses: _log!.Failure is not null);
                break;
            case 1:
                Crash(power: false);
                break;
            default:
                Crash(power: true);
                break;
        }

        foreach (var append in _pending)
            Doubt(append);
        foreach (var (shard, _) in _closing)
            _shards[shard].MayBeClosed = true;
        _pending.Clear();
        _closing.Clear();
        _held = new HeldReader();
        _disk.Kill();
    }

    // Whether this end may take back acknowledged records, by the durability level.
    private bool _loses;

    private void Crash(bool power, bool loses = true)
    {
        Crashes++;
        Settle();
        if (power)
            _disk.Crash();
        else
            _disk.Kill();
        _loses |= power && loses && !_durability.IsFsync;
    }

    private void CheckRestart()
    {
        for (var shard = 0; shard < Shards; shard++)
        {
            var read = _log!.ReadAll(shard);
            _shards[shard].CheckRestart(read, _log!.GetShard(shard), _trimmedBefore, mustHaveBelow: _loses ? 0 : long.MaxValue);
        }

        _loses = false;
        Leftovers += Discarded();
        _others.CheckRestart(_store!, Wait);
    }

    private int Discarded()
    {
        var discarded = _disk.OpenDirectory(DiscardedName.Directory);
        return discarded.ListFiles().Count + discarded.ListDirectories().Count;
    }

    // Runs the commits that the task needs. Its continuations run elsewhere, but nothing else does meanwhile.
    private bool Wait(Task task)
    {
        try
        {
            _scheduler.RunUntil(task).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception e) when (e is LogFailedException or IOException or StorageFullException)
        {
            // The disk failed, as it may.
            return false;
        }
    }
}
