using System.Diagnostics;
using System.Globalization;

namespace Weir.Simulation.Log;

/// <summary>
/// Runs the simulation of the log over many seeds. A failure names its seed and the command that replays it alone.
/// </summary>
public sealed class LogSimulationTests(ITestOutputHelper output)
{
    private const int LivesOfARound = 12;

    // More by WEIR_SIM_ROUNDS.
    private const int DefaultRounds = 1400;

    // What every CI run has to go through, in some ten seconds.
    private const int LeastCrashes = 10_000;

    [Fact]
    public void No_acknowledged_record_is_lost_changed_or_repeated()
    {
        var seed = Number("WEIR_SIM_SEED");
        var rounds = Number("WEIR_SIM_ROUNDS") ?? (seed is null ? DefaultRounds : 1);
        var (crashes, acknowledged, unreadable, leftovers) = (0, 0, 0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var simulation = Run((seed ?? 1) + round);
            crashes += simulation.Crashes;
            acknowledged += simulation.Acknowledged;
            unreadable += simulation.UnreadableReads;
            leftovers += simulation.Leftovers;
        }

        output.WriteLine($"{rounds} rounds from seed {seed ?? 1} on, {crashes} crashes, {acknowledged} records acknowledged, {unreadable} reads that the disk refused, {leftovers} leftovers.");
        if (seed is null && rounds >= DefaultRounds)
            Assert.True(acknowledged > rounds * 10 && crashes >= LeastCrashes && unreadable > 0 && leftovers > rounds / 10, "The simulation does less than it has to.");
    }

    [Fact]
    public void The_same_seed_runs_the_same_way()
    {
        for (var seed = 1; seed <= 20; seed++)
            Assert.Equal(Run(seed).Trace, Run(seed).Trace);
        Assert.NotEqual(Run(1).Trace, Run(2).Trace);
    }

    private static LogSimulation Run(int seed)
    {
        var simulation = new LogSimulation(seed);
        try
        {
            simulation.Run(LivesOfARound);
            return simulation;
        }
        catch (Exception e)
        {
            throw new UnreachableException(
                $"Seed {seed}, durability {simulation.Durability}, fails: {e.Message} Replay: WEIR_SIM_SEED={seed} dotnet run --project tests/Weir.Simulation -c Release", e);
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
