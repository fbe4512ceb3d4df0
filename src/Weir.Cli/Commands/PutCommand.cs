using System.CommandLine;
using System.Threading.Channels;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Output;
using Weir.Cli.Put;
using Weir.Client;
using Weir.Model;

namespace Weir.Cli.Commands;

/// <summary><c>weir put</c>: standard input to a stream.</summary>
internal static class PutCommand
{
    // Each holds a batch of up to 5 MiB and its request. More does not help one stream of input.
    private const int UnorderedInFlight = 4;

    // Rides over a server that is being restarted: about ten seconds.
    private const int Attempts = 10;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var key = Options.Value<string?>("--key", "KEY", "Give every record this partition key.", ReadKey, fallback: null, shell);
        var field = Options.Value<string?>("--key-json", "FIELD", "Each line is a JSON object; take the partition key from this field of it.", Options.Text, fallback: null, shell);
        var tsv = Options.Flag("--tsv", "Each line is partition key, tab, data.", shell);
        var unordered = Options.Flag("--unordered", "Let records of one key change places: fills every request and has several under way. Much faster with few keys.", shell);
        var command = new Command("put") { name, key, field, tsv, unordered };
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
            var stream = result.GetRequiredValue(name);
            int maxRecordBytes;
            using (var control = connection.Open(result))
                maxRecordBytes = await MaxRecordBytesAsync(control, stream, shell.Interrupted).ConfigureAwait(false);
            using var client = connection.Open(result, Attempts);
            var reader = new BatchReader(shell.In, format, new BatchLimits(maxRecordBytes, OnePerKey: !result.Get(unordered)), shell.Time);
            await RunAsync(shell, client, stream, reader, inFlight: result.Get(unordered) ? UnorderedInFlight : 1).ConfigureAwait(false);
            return CommandLine.Success;
        });
        return command;
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

    private static async Task RunAsync(Shell shell, KinesisClient client, string stream, BatchReader reader, int inFlight)
    {
        var totals = new PutTotals();
        var started = shell.Time.GetTimestamp();
        var putter = new BatchPutter(client, stream, totals, shell.Time, new Random(shell.Seed));
        // Who types the records sees them; a line that comes and goes between them only disturbs.
        using var progress = shell.InIsTerminal ? null : new ProgressLine(shell, () => Describe(totals, shell.Time.GetElapsedTime(started)));
        try
        {
            await PutAllAsync(reader, putter, inFlight, shell.Interrupted).ConfigureAwait(false);
        }
        finally
        {
            progress?.Dispose();
            shell.Error.WriteLine(Describe(totals, shell.Time.GetElapsedTime(started)));
        }

        shell.Interrupted.ThrowIfCancellationRequested();
    }

    private static async Task PutAllAsync(BatchReader reader, BatchPutter putter, int inFlight, CancellationToken stop)
    {
        // One batch waits while others are under way: reading goes on, but not far ahead.
        var batches = Channel.CreateBounded<List<InputRecord>>(new BoundedChannelOptions(1) { SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });
        using var failed = new CancellationTokenSource();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, failed.Token);
        var senders = Enumerable.Range(0, inFlight).Select(_ => SendAsync(batches.Reader, putter, failed)).ToList();
        CommandFailure? badLine = null;
        try
        {
            await foreach (var batch in reader.ReadAsync(end.Token).ConfigureAwait(false))
                await batches.Writer.WriteAsync(batch, failed.Token).ConfigureAwait(false);
        }
        catch (CommandFailure exception)
        {
            badLine = exception;
        }
        catch (OperationCanceledException) when (failed.IsCancellationRequested)
        {
            // A sender failed: its exception comes below.
            badLine = null;
        }

        batches.Writer.Complete();
        await Task.WhenAll(senders).ConfigureAwait(false);
        if (badLine is not null)
            throw badLine;
    }

    private static async Task SendAsync(ChannelReader<List<InputRecord>> batches, BatchPutter putter, CancellationTokenSource failed)
    {
        try
        {
            await foreach (var batch in batches.ReadAllAsync(failed.Token).ConfigureAwait(false))
                await putter.PutAsync(batch, failed.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (failed.IsCancellationRequested)
        {
            // Another sender failed and says why.
            return;
        }
        catch
        {
            await failed.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static string Describe(PutTotals totals, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 1e-3);
        return $"{Figures.Count(totals.Records)} {(totals.Records == 1 ? "record" : "records")}, {Figures.Bytes(totals.Bytes)} in {Figures.Time(elapsed)}"
            + $" ({Figures.Rate(totals.Records / seconds)} records/s, {Figures.Bytes(totals.Bytes / seconds)}/s), {Figures.Count(totals.Resent)} sent again";
    }

    private static string ReadKey(string text) => text.Length is > 0 and <= KinesisLimits.MaxPartitionKeyCharacters
        ? text
        : throw new FormatException($"expected 1 to {KinesisLimits.MaxPartitionKeyCharacters} characters");
}
