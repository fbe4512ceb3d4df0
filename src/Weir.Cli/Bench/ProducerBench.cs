using Weir.Cli.Output;
using Weir.Client;
using Weir.Producer;

namespace Weir.Cli.Bench;

/// <summary>Measures a producer, aggregating and not, and the client without a producer, in turns.</summary>
internal sealed class ProducerBench(Shell shell, LoadPlan plan, KinesisClient client, ServerFacts server)
{
    /// <summary>Measures.</summary>
    /// <param name="rounds">How often each.</param>
    public async Task<List<ProducerRound>> RunAsync(int rounds)
    {
        var measured = new List<ProducerRound>();
        var current = "";
        using var progress = new ProgressLine(shell, () => current);
        for (var number = 1; number <= rounds; number++)
        {
            foreach (var way in new[] { ProducerReport.Plain, ProducerReport.OneByOne, ProducerReport.Aggregated })
            {
                current = $"round {number} of {rounds}: {way} ...";
                var result = way == ProducerReport.Plain
                    ? new PlainPuts(client, plan, shell.Seed, shell.Time).RunAsync(way, shell.Interrupted)
                    : new ProducerLoad(client, plan, () => Options(way), shell.Seed, shell.Time).RunAsync(way, shell.Interrupted);
                measured.Add(new ProducerRound(number, await result.ConfigureAwait(false)));
            }
        }

        return measured;
    }

    private ProducerOptions Options(string way) => new()
    {
        StreamName = plan.Stream,
        Aggregate = way == ProducerReport.Aggregated,
        RateLimitPercent = server.RateLimitPercent,
        TimeProvider = shell.Time,
    };
}
