using Weir.Cli.Output;

namespace Weir.Cli.Bench;

/// <summary>Measures puts and their yardsticks in turns, round by round.</summary>
/// <param name="shell">The surroundings.</param>
/// <param name="plan">What to put.</param>
/// <param name="endpoint">The server.</param>
/// <param name="server">What it says of itself.</param>
/// <param name="baseline">The server that it is compared to, or null.</param>
/// <param name="device">The disk that it is compared to, or null. Borrowed.</param>
/// <param name="credentials">Who signs, or null.</param>
internal sealed class PutBench(Shell shell, LoadPlan plan, Uri endpoint, ServerFacts server, Uri? baseline, DeviceWrites? device, LoadCredentials? credentials)
{
    private readonly LoadSigner? _signer = credentials is null ? null : new LoadSigner(credentials.Credentials.GetCredentials(), plan.Region, shell.Time);
    private readonly RequestPool? _unsigned = credentials is null ? new RequestPool(plan, endpoint, shell.Seed) : null;

    /// <summary>Measures.</summary>
    /// <param name="rounds">How often each.</param>
    public async Task<List<BenchRound>> RunAsync(int rounds)
    {
        var targets = new List<(string Name, Uri Address)> { (server.Name, endpoint) };
        if (baseline is not null)
            targets.Insert(0, (BenchReport.Baseline, baseline));
        var measured = new List<BenchRound>();
        var current = "";
        using var progress = new ProgressLine(shell, () => current);
        // Round 0 is for the compilers: both processes, and this one, are still starting then, and the first target would pay for it.
        for (var number = plan.Warmup > TimeSpan.Zero ? 0 : 1; number <= rounds; number++)
        {
            foreach (var (name, address) in targets)
            {
                current = number == 0 ? $"warming up: {name} ..." : $"round {number} of {rounds}: {name} ...";
                var result = await LoadAsync(number, address).ConfigureAwait(false);
                if (number > 0)
                    measured.Add(new BenchRound(name, number, result));
            }

            if (device is null || number == 0)
                continue;
            current = $"round {number} of {rounds}: {BenchReport.Device} ...";
            // Blocks its thread for as long as it writes, as nothing else here runs then.
            measured.Add(new BenchRound(BenchReport.Device, number, device.Run(shell.Interrupted)));
        }

        return measured;
    }

    private Task<LoadResult> LoadAsync(int number, Uri address)
    {
        // Signed ones anew for each round and target: signatures grow old, and are for one host.
        var requests = _unsigned ?? new RequestPool(plan, address, shell.Seed, _signer);
        var load = number == 0 ? plan with { Duration = plan.Warmup, Warmup = TimeSpan.Zero } : plan;
        return new LoadGenerator(load, address, requests, shell.Time).RunAsync(shell.Interrupted);
    }
}
