using BenchmarkDotNet.Attributes;
using Weir.Ladder;
using Weir.Log;

namespace Weir.MicroBenchmarks;

/// <summary>Each step of the ladder alone, one operation after the other: a rung that costs much more than the one below it shows.</summary>
public class LadderBenchmark
{
    private DirectoryInfo? _directory;
    private IRung? _rung;
    private Func<ValueTask>? _run;

    /// <summary>Which step.</summary>
    [ParamsSource(nameof(Steps))]
    public StepName Step { get; set; }

    /// <summary>All steps.</summary>
    public static IEnumerable<StepName> Steps => Rungs.Steps;

    /// <summary>Opens the step's rung, durable to the disk as a server is when nothing else is said.</summary>
    [GlobalSetup]
    public async Task OpenAsync()
    {
        _directory = Directory.CreateTempSubdirectory("weir-ladder-");
        _rung = await Rungs.OpenAsync(Step.Rung, _directory, Durability.Fsync).ConfigureAwait(false);
        _run = _rung.Steps.Single(step => step.Name == Step).RunAsync;
    }

    /// <summary>The operation.</summary>
    [Benchmark(Description = "step")]
    public ValueTask RunAsync() => _run!();

    /// <summary>Closes the rung and removes what it stored.</summary>
    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _rung!.DisposeAsync().ConfigureAwait(false);
        _directory!.Delete(recursive: true);
    }
}
