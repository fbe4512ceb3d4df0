using System.Diagnostics;
using System.Globalization;

namespace Weir.Simulation.Streams;

/// <summary>Runs the simulation of the engine over many seeds. A failure names its seed and the command that replays it alone.</summary>
public sealed class EngineSimulationTests(ITestOutputHelper output)
{
    private const int LivesOfARound = 8;
    private const int DefaultRounds = 60;

    [Fact]
    public void Splits_merges_scalings_crashes_and_clock_jumps_lose_and_reorder_nothing()
    {
        var seed = Number("WEIR_SIM_SEED");
        var rounds = Number("WEIR_SIM_ROUNDS") ?? (seed is null ? DefaultRounds : 1);
        var (crashes, reshards, scalings, acknowledged) = (0, 0, 0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var (_, run) = Run((seed ?? 1) + round);
            crashes += run.Crashes;
            reshards += run.Reshards;
            scalings += run.Scalings;
            acknowledged += run.Acknowledged;
        }

        output.WriteLine($"{rounds} rounds, {crashes} crashes, {reshards} splits and merges, {scalings} scalings, {acknowledged} records acknowledged.");
        if (seed is null)
            Assert.True(acknowledged > rounds * 10 && reshards > rounds && scalings > rounds && crashes >= rounds, "The simulation does next to nothing.");
    }

    [Fact]
    public void The_same_seed_runs_the_same_way()
    {
        for (var seed = 1; seed <= 5; seed++)
            Assert.Equal(Run(seed).Trace, Run(seed).Trace);
        Assert.NotEqual(Run(1).Trace, Run(2).Trace);
    }

    private static (ulong Trace, EngineSimulation Run) Run(int seed)
    {
        using var simulation = new EngineSimulation(seed);
        try
        {
            simulation.Run(LivesOfARound);
            return (simulation.Trace, simulation);
        }
        catch (Exception e)
        {
            throw new UnreachableException(
                $"Seed {seed} fails: {e.Message} Replay: WEIR_SIM_SEED={seed} dotnet run --project tests/Weir.Simulation -c Release", e);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
