using System.CommandLine;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Cli.Put;
using Weir.Client;
using Weir.Model;
using Weir.Producer;

namespace Weir.Cli.Commands;

/// <summary><c>weir put</c>: standard input to a stream.</summary>
internal static class PutCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var key = Options.Value<string?>("--key", "KEY", "Give every record this partition key.", ReadKey, fallback: null, shell);
        var field = Options.Value<string?>("--key-json", "FIELD", "Each line is a JSON object; take the partition key from this field of it.", Options.Text, fallback: null, shell);
        var tsv = Options.Flag("--tsv", "Each line is partition key, tab, data.", shell);
        var unordered = Options.Flag("--unordered", "Let records of one key change places: fills every request and has several under way. Much faster with few keys.", shell);
        var aggregate = Options.Flag("--aggregate", "Let many lines share a record, in the KPL's format: consumers have to take the records apart, as those of the KCL do. Much faster, and a shard takes many more small lines.", shell);
        var command = new Command("put") { name, key, field, tsv, unordered, aggregate };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            if (new[] { key.IsGiven(result), field.IsGiven(result), result.Get(tsv) }.Count(given => given) > 1)
                throw new UsageException("--key, --key-json and --tsv exclude each other.");
            var format = result.Get(key) is { } fixedKey ? LineFormat.FixedKey(fixedKey)
                : result.Get(field) is { } fieldName ? LineFormat.JsonField(fieldName)
                : result.Get(tsv) ? LineFormat.Tab()
                : LineFormat.RandomKey(new Random(shell.Seed));
            shell.ListenToSignals();
            var plan = new PutPlan(result.GetRequiredValue(name), format, result.Get(aggregate), result.Get(unordered));
            using var client = connection.Open(result);
            await PutAsync(shell, client, plan, asksServer: connection.Endpoint(result) is not null).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
    }

    /// <summary>Puts standard input.</summary>
    /// <param name="shell">The surroundings.</param>
    /// <param name="client">The server.</param>
    /// <param name="plan">What, and how.</param>
    /// <param name="asksServer">Whether the server may be a Weir, which says whether it has rates. AWS is none.</param>
    internal static async Task PutAsync(Shell shell, KinesisClient client, PutPlan plan, bool asksServer)
    {
        var limit = MaxRecordBytesAsync(client, plan.Stream, shell.Interrupted);
        var server = asksServer ? ServerFacts.ReadAsync(client.Endpoint, shell.Interrupted) : Task.FromResult(ServerFacts.Unknown);
        await Task.WhenAll(limit, server).ConfigureAwait(false);
        var reader = new BatchReader(shell.In, plan.Format, new BatchLimits(await limit.ConfigureAwait(false), plan.Aggregate), shell.Time);
        var options = plan.OptionsOf((await server.ConfigureAwait(false)).RateLimitPercent, shell.Time, shell.Seed);
        await RunAsync(shell, client, options, reader).ConfigureAwait(false);
    }

    // Asked first, so that a wrong name is found out before the first line is typed.
    private static async Task<int> MaxRecordBytesAsync(KinesisClient client, string stream, CancellationToken cancellationToken)
    {
        try
        {
            var summary = await StreamState.SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
            return (summary.MaxRecordSizeInKiB ?? KinesisLimits.MinMaxRecordSizeInKiB) * 1024;
        }
        catch (KinesisAccessDeniedException)
        {
            // Whoever may only put gets the limit of an ordinary stream; the server has the last word.
            return KinesisLimits.DefaultMaxRecordBytes;
        }
    }

    private static async Task RunAsync(Shell shell, KinesisClient client, ProducerOptions options, BatchReader reader)
    {
        var totals = new PutTotals();
        var trouble = new ProducerTrouble();
        var started = shell.Time.GetTimestamp();
        var producer = new KinesisProducer(client, options, trouble);
        await using var closing = producer.ConfigureAwait(false);
        using var put = new LinePut(producer, trouble, totals, new Patience(Patience.Default, shell.Time), shell.Time);
        // Who types the records sees them; a line that comes and goes between them only disturbs.
        using var progress = shell.InIsTerminal ? null : new ProgressLine(shell, Describe);
        try
        {
            await put.RunAsync(reader, shell.Interrupted).ConfigureAwait(false);
        }
        finally
        {
            progress?.Dispose();
            shell.Error.WriteLine(Describe());
        }

        shell.Interrupted.ThrowIfCancellationRequested();

        string Describe() => PutCommand.Describe(totals, shell.Time.GetElapsedTime(started), options.Aggregate);
    }

    private static string Describe(PutTotals totals, TimeSpan elapsed, bool aggregate)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 1e-3);
        return $"{Records(totals.Records)}{(aggregate ? $" in {Figures.Count(totals.StreamRecords)} of the stream" : "")}, {Figures.Bytes(totals.Bytes)} in {Figures.Time(elapsed)}"
            + $" ({Figures.Rate(totals.Records / seconds)} records/s, {Figures.Bytes(totals.Bytes / seconds)}/s), {Figures.Count(totals.Resent)} sent again";
    }

    private static string Records(long count) => $"{Figures.Count(count)} {(count == 1 ? "record" : "records")}";

    private static string ReadKey(string text) => text.Length is > 0 and <= KinesisLimits.MaxPartitionKeyCharacters
        ? text
        : throw new FormatException($"expected 1 to {KinesisLimits.MaxPartitionKeyCharacters} characters");
}
