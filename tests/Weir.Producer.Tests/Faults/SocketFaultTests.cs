using System.Collections.Concurrent;
using System.Diagnostics;

namespace Weir.Producer.Tests.Faults;

/// <summary>
/// As <see cref="FaultTests"/>, over real sockets: the faults are those of a real server's test controls and of a network that resets connections and
/// swallows what it should carry. Half of the seeds keep order, half of them lose answers, some reshard, in some records expire.
/// </summary>
public sealed class SocketFaultTests(LocalServer server) : IClassFixture<LocalServer>
{
    private const int Seeds = 200, SideBySide = 8;

    [Fact]
    public async Task Whatever_the_network_and_the_server_do_each_record_has_its_one_right_outcome()
    {
        var seeds = Seed.Range(Seeds);
        var failures = new ConcurrentBag<string>();
        var runs = new ConcurrentBag<SocketFaultRun>();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            seeds,
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, cancellationToken) =>
            {
                try
                {
                    var run = new SocketFaultRun(server, seed);
                    await run.RunAsync(cancellationToken);
                    runs.Add(run);
                }
                catch (Exception exception)
                {
                    failures.Add($"seed {seed}: {exception.Message}");
                }
            });
        var (ofServer, resets, holes) = (runs.Sum(run => run.Faults.Server), runs.Sum(run => run.Faults.Resets), runs.Sum(run => run.Faults.Holes));
        var failed = runs.Sum(run => run.Outcomes.Failed);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{seeds.Count} seeds in {clock.Elapsed.TotalSeconds:F0} s: {runs.Sum(run => run.Outcomes.Stored)} records stored, {failed} expired, "
            + $"{runs.Sum(run => run.FailedAttempts)} attempts of records failed, {ofServer} faults of the server, {resets} resets and {holes} holes of the network, "
            + $"{runs.Sum(run => run.Repetitions)} records came again, {failures.Count} failures");
        Assert.True(failures.IsEmpty, string.Join('\n', failures.Order(StringComparer.Ordinal).Take(5)));
        Assert.True(ofServer + resets + holes > 0, "No fault was met: nothing was tried.");
        Assert.True(seeds.Count < Seeds || (ofServer > Seeds && resets > Seeds && holes > 10 && failed > 0), "There were too few faults of a kind.");
    }
}
