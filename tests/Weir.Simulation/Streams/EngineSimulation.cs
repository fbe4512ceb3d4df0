using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Log.Format;
using Weir.Model;
using Weir.Streams;
using Weir.Streams.Catalog;
using Weir.Streams.Reading;
using Weir.TestKit;

namespace Weir.Simulation.Streams;

/// <summary>
/// One life of a server's engine after the other, all from one seed: clients put, shards split and merge while puts are under way, the
/// stream is scaled, records expire, the clock jumps, and the power goes at any moment, in the middle of a reshard or scaling too. What the next life shows is compared with
/// what was acknowledged.
/// </summary>
/// <remarks>
/// The catalog is a real SQLite file that keeps every transaction; the logs are on the simulated disk. One client operation, or one put
/// beside one reshard or scaling, is under way at a time: so everything that reaches the disk comes in one order, and a seed runs the same way twice.
/// </remarks>
internal sealed class EngineSimulation : IDisposable
{
    private const int StepsOfALife = 30;
    private const int Keys = 12;

    // Turns that an operation may take before it counts as stuck; some hundred are usual.
    private const int MaxTurns = 200_000;

    private static readonly StreamName Name = new("000000000000", "us-east-1", "simulated");

    private readonly Random _random;
    private readonly SimulatedDirectory _disk;
    private readonly SimulatedFaults _faults;
    private readonly LogOptions _options;
    private readonly EngineModel _model = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-simulation-").FullName;
    private readonly List<StreamCatalog> _catalogs = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private int _order;

    // What a scaling leads to that is not seen through; it outlives a life.
    private int? _scalingTarget;

    // The latest horizon that any sweep may have used.
    private DateTimeOffset _highestHorizon = DateTimeOffset.MinValue;

    // Of the present life. A dead engine's clock stands still for ever, and with it whatever it still meant to do.
    private ManualTimeProvider _time = new();
    private StepwiseCommitScheduler _scheduler = new();
    private StreamEngine? _engine;

    public EngineSimulation(int seed)
    {
        _random = new Random(seed);
        _disk = new SimulatedDirectory(_random.Next());
        _faults = _random.Next(3) switch
        {
            0 => SimulatedFaults.None,
            1 => new SimulatedFaults { Full = 0.03 },
            _ => new SimulatedFaults { Io = 0.005, Sync = 0.005, Full = 0.01 },
        };
        _options = new LogOptions { SegmentBytes = 4096 << _random.Next(3), TailBytes = _random.Next(2) * 4096 };
    }

    public int Crashes { get; private set; }

    public int Reshards { get; private set; }

    /// <summary>Scalings that were seen through, in the life that began them or in a later one.</summary>
    public int Scalings { get; private set; }

    public int Acknowledged => _model.Acknowledged;

    /// <summary>Hash over everything that happened to the disk.</summary>
    public ulong Trace => _disk.Trace;

    private DataStream Stream => _engine!.Streams.Find(Name)!;

    public void Run(int lives)
    {
        for (var life = 0; life < lives; life++)
        {
            Start();
            CheckEverything();
            _disk.Faults = _faults;
            if (_random.Next(3) > 0)
                _disk.LosePowerAfter(_random.Next(1, 80));
            for (var step = _random.Next(StepsOfALife); step >= 0 && _disk.HasPower; step--)
            {
                Step();
                SettleScaling();
            }

            Crash();
        }

        Start();
        CheckEverything();
        _scheduler.RunSteps();
        if (_disk.OpenDirectory(DiscardedName.Directory).ListFiles() is { Count: > 0 } left)
            throw new Log.SimulationException($"{left.Count} segments that were given up are never released.");
    }

    public void Dispose()
    {
        foreach (var catalog in _catalogs)
            Wait(catalog.DisposeAsync().AsTask());
        Directory.Delete(_folder, recursive: true);
    }

    private void Step()
    {
        switch (_random.Next(20))
        {
            case < 9:
                Put();
                break;
            case < 12:
                Reshard();
                break;
            case < 14:
                Scale();
                break;
            case < 16:
                Advance(TimeSpan.FromMilliseconds(_random.Next(3000)));
                break;
            case 16:
                Advance(TimeSpan.FromHours(_random.Next(1, 10)));
                break;
            case 17:
                // The machine's clock is set, backwards too.
                _time.ShiftWallClock(TimeSpan.FromSeconds(_random.Next(-30, 30)));
                break;
            case 18:
                NoteHorizon();
                Wait(_engine!.SweepRetentionAsync(CancellationToken.None));
                // One step at most: what is left waits for the next life.
                if (_random.Next(2) == 0)
                    _scheduler.RunStep();
                break;
            default:
                CheckEverything();
                break;
        }
    }

    private void Put()
    {
        var put = BeginPut();
        Wait(put.Task);
        Settle(put);
    }

    /// <summary>A split or merge, with a put that comes just before or just after it and has to find its way.</summary>
    private void Reshard()
    {
        var putFirst = _random.Next(2) == 0;
        var put = putFirst ? BeginPut() : null;
        var reshard = BeginReshard();
        put ??= BeginPut();
        Wait(Task.WhenAll(put.Task, reshard));
        Settle(put);
        if (reshard.IsCompletedSuccessfully && reshard.Result == ReshardOutcome.Started)
            Reshards++;
    }

    /// <summary>A scaling, with a put that comes just before it. Its steps go on until it is done or has failed.</summary>
    private void Scale()
    {
        // A put after it would race with its second step for a place in the log, and a seed would not run the same way twice.
        var put = BeginPut();
        var open = Stream.Current.Shards.Open.Count;
        var target = Math.Min(_random.Next((open + 1) / 2, (2 * open) + 1), 9);
        var scaling = _engine!.Scaling.BeginAsync(Stream, target);
        Wait(Task.WhenAll(put.Task, scaling));
        Settle(put);
        if (scaling.IsCompletedSuccessfully && scaling.Result.Outcome == ScalingOutcome.Started)
            _scalingTarget = target;
        SettleScaling();
    }

    /// <summary>
    /// Lets the steps of a scaling go on until it is done, or until one has failed and waits for time to pass: beside the sweep's timer there
    /// is another one then.
    /// </summary>
    private void SettleScaling()
    {
        var turn = 0;
        while (Stream.Current is { Row.Status: StreamStatus.Updating } seen && _time.ActiveTimers < 2)
        {
            if (turn++ == MaxTurns)
                throw new Log.SimulationException($"A scaling never ends: power {_disk.HasPower}, log failure {Stream.Current.Log?.Failure?.Message}");
            _scheduler.RunAll();
            var changed = Stream.ChangedSince(seen);
            Task.WhenAny(changed, Task.Run(static () => { })).GetAwaiter().GetResult();
            // The turns of one change count, not those of all steps.
            if (changed.IsCompleted)
                turn = 0;
        }

        if (_scalingTarget is not { } target || Stream.Current.Row.Status != StreamStatus.Active)
            return;
        Scalings++;
        _scalingTarget = null;
        if (!Stream.Current.Shards.Open.Select(shard => shard.HashKeys).SequenceEqual(HashKeyRange.Uniform(target)))
            throw new Log.SimulationException($"A scaling to {target} shards ended with other ranges.");
    }

    private Task<ReshardOutcome> BeginReshard()
    {
        var open = Stream.Current.Shards.Open;
        var at = _random.Next(open.Count);
        if (open.Count > 5 || (open.Count > 1 && _random.Next(2) == 0))
        {
            at = Math.Min(at, open.Count - 2);
            return _engine!.Resharding.MergeAsync(Stream, open[at].Id, open[at + 1].Id);
        }

        var keys = open[at].HashKeys;
        return _engine!.Resharding.SplitAsync(Stream, open[at].Id, new HashKey(keys.Start.Value + ((keys.End.Value - keys.Start.Value) / 2)));
    }

    private PendingPut BeginPut()
    {
        var records = Enumerable.Range(0, _random.Next(1, 6)).Select(_ =>
        {
            var id = _order++;
            return ($"key{_random.Next(Keys)}", string.Create(CultureInfo.InvariantCulture, $"{id}:{new string((char)('a' + (id % 26)), _random.Next(300))}"));
        }).ToArray();
        var outcomes = PutOutcomes.Rent(records.Length);
        return new PendingPut(records, outcomes, _engine!.Records.AppendAsync(Stream, new TextRecords(records), outcomes).AsTask());
    }

    private void Settle(PendingPut put)
    {
        for (var i = 0; i < put.Records.Length; i++)
            _model.Note(put.Records[i].Key, put.Records[i].Data, put.Task.IsCompletedSuccessfully ? put.Outcomes.All[i] : default);
        put.Outcomes.Dispose();
    }

    private void Advance(TimeSpan time)
    {
        _time.Advance(time);
        _now += time;
    }

    private void CheckEverything()
    {
        if (!_disk.HasPower)
            return;
        var horizon = Stream.Current.Horizon(_time.GetUtcNow());
        var records = new List<ReadBack>();
        foreach (var shard in Stream.Current.Shards.All)
        {
            using var reader = new ShardReader(Stream.Current.Log!, _engine!.Keys, shard, 0, horizon);
            while (reader.TryRead(out var record))
            {
                records.Add(new ReadBack(
                    shard.Id, record.SequenceNumber, record.ArrivedAt, Encoding.UTF8.GetString(record.PartitionKey), Encoding.UTF8.GetString(record.Data)));
            }
        }

        _model.Check(Stream, records, horizon, NoteHorizon());
    }

    // A clock that was set back brings records within their time again that a sweep may have deleted.
    private DateTimeOffset NoteHorizon()
    {
        var horizon = Stream.Current.Horizon(_time.GetUtcNow());
        return horizon > _highestHorizon ? _highestHorizon = horizon : _highestHorizon;
    }

    private void Start()
    {
        _disk.Faults = SimulatedFaults.None;
        _time = new ManualTimeProvider(_now);
        _scheduler = new StepwiseCommitScheduler();
        var catalog = StreamCatalog.Open(Path.Combine(_folder, "catalog.db"));
        _catalogs.Add(catalog);
        var logs = new SegmentedLogStore(_disk, _options, _time, NullLoggerFactory.Instance, _scheduler);
        // Sweeps come when the seed says so.
        var options = new StreamsOptions { EnforceRates = false, RetentionSweepInterval = TimeSpan.FromDays(30) };
        var start = StreamEngine.StartAsync(catalog, logs, options, _time, NullLoggerFactory.Instance, CancellationToken.None);
        Wait(start);
        _engine = start.Result;
        if (_engine.Streams.Find(Name) is null)
            Wait(_engine.Lifecycle.CreateAsync(new NewStream(Name, 2), CancellationToken.None));
        SettleScaling();
        if (Stream.Current.Row.Status != StreamStatus.Active)
            throw new Log.SimulationException($"A healthy disk, and the stream is {Stream.Current.Row.Status} after the start");
    }

    private void Crash()
    {
        Crashes++;
        _now = _now > _time.GetUtcNow() ? _now : _time.GetUtcNow();
        if (_random.Next(4) == 0)
            _disk.Kill();
        else
            _disk.Crash();
    }

    // Runs the commits that the task needs, until it has an outcome, good or bad.
    private void Wait(Task task, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            for (var turn = 0; !task.IsCompleted; turn++)
            {
                if (turn == MaxTurns)
                    throw new Log.SimulationException($"{what} never ends: {_time.ActiveTimers} timers, power {_disk.HasPower}, stream {_engine?.Streams.Find(Name)?.Current.Row.Status}, log failure {_engine?.Streams.Find(Name)?.Current.Log?.Failure?.Message}");
                _scheduler.RunAll();
                // The sweep has a timer at all times. Two more are a reshard that waits to be tried again (the disk was full) and a put
                // that waits for that reshard: then nothing happens before time passes.
                if (_time.ActiveTimers >= 3)
                    Advance(TimeSpan.FromSeconds(1));
                // What a commit completed goes on elsewhere, and may bring the next commit.
                Task.WhenAny(task, Task.Run(static () => { })).GetAwaiter().GetResult();
            }

            task.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is LogFailedException or IOException or StorageFullException)
        {
            // The disk failed, as it may.
        }
    }

    private sealed record PendingPut((string Key, string Data)[] Records, PutOutcomes Outcomes, Task Task);

    private sealed class TextRecords((string Key, string Data)[] records) : IRecordSource
    {
        public int Count => records.Length;

        public HashKey HashKey(int index) => Model.HashKey.Of(records[index].Key);

        public ReadOnlySpan<byte> PartitionKey(int index) => Encoding.UTF8.GetBytes(records[index].Key);

        public ReadOnlySpan<byte> Data(int index) => Encoding.UTF8.GetBytes(records[index].Data);
    }
}
