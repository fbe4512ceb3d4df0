using System.CommandLine;
using Weir.Cli.Commands.Streams;
using Weir.Cli.Tail;
using Weir.Client;

namespace Weir.Cli.Commands;

/// <summary><c>weir tail</c>: a stream to standard output.</summary>
internal static class TailCommand
{
    // Answers in memory at once: up to 10 MiB of data each, and a few times that while they are decoded.
    private const int ParallelReads = 8;

    // Rides over a server that is being restarted: about ten seconds.
    private const int Attempts = 10;

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var name = StreamCommand.Name();
        var format = Options.Value("--format", "text|json|hex", "How a record is written, one line each: its data, everything with the data in base64, or its data in hexadecimal.", ReadFormat, RecordFormat.Text, shell, shown: "text");
        var from = Options.Value("--from", "POSITION", "Where to begin: latest, trim-horizon, a time such as 2026-03-01T12:00:00Z, or so long ago, such as 10m.", text => StartPosition.Parse(text, shell.Time), StartPosition.Latest, shell, shown: "latest");
        var noFollow = Options.Flag("--no-follow", "Stop when everything that was there is read.", shell);
        var shard = Options.Value<string?>("--shard", "ID", "Read this shard only, and none of its children.", Options.Text, fallback: null, shell);
        var limit = Options.Value("--limit", "N", "Stop after so many records.", Options.Integer(1, int.MaxValue), 0, shell);
        var command = new Command("tail") { name, format, from, noFollow, shard, limit };
        var connection = new Connection(command, shell);
        command.SetAction(async (result, _) =>
        {
            shell.ListenToSignals();
            var stream = result.GetRequiredValue(name);
            using var reads = new SemaphoreSlim(ParallelReads);
            // The first answer decides whether the stream is there; only what comes after it is worth patience.
            string? only;
            using (var control = connection.Open(result))
                only = await CheckAsync(control, stream, result.Get(shard), shell.Interrupted).ConfigureAwait(false);
            using var client = connection.Open(result, Attempts);
            var sink = new RecordSink(shell.Out, stream, result.Get(format), limit.IsGiven(result) ? result.Get(limit) : null);
            var context = new TailContext(client, stream, sink, !result.Get(noFollow), reads, shell.Time);
            try
            {
                if (only is not null)
                    await new ShardTail(context, only, result.Get(from)).RunAsync(shell.Interrupted).ConfigureAwait(false);
                else
                    await new StreamTail(context, result.Get(from)).RunAsync(shell.Interrupted).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (shell.Interrupted.IsCancellationRequested)
            {
                // A signal is how following ends.
                return CommandLine.Success;
            }

            return CommandLine.Success;
        });
        return command;
    }

    private static async Task<string?> CheckAsync(KinesisClient client, string stream, string? shard, CancellationToken cancellationToken)
    {
        if (shard is not null)
            return (await StreamState.ShardAsync(client, stream, shard, cancellationToken).ConfigureAwait(false)).ShardId;
        await StreamState.SummaryAsync(client, stream, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private static RecordFormat ReadFormat(string text) => text switch
    {
        "text" => RecordFormat.Text,
        "json" => RecordFormat.Json,
        "hex" => RecordFormat.Hex,
        _ => throw new FormatException("expected text, json or hex"),
    };
}
