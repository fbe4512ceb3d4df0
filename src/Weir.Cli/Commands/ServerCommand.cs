using System.CommandLine;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Weir.Cli.Commands.Credentials;
using Weir.Log;
using Weir.Log.Integrity;
using Weir.Server;
using Weir.Server.Security.Credentials;
using Weir.Streams;

namespace Weir.Cli.Commands;

/// <summary><c>weir server</c>: the place where the server is put together, and where signals end it.</summary>
internal static class ServerCommand
{
    // Longer than any request takes; whoever still waits then has a dead connection.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    /// <summary>Makes the command.</summary>
    public static Command Create(Shell shell)
    {
        var port = Options.Value("--port", "PORT", "TCP port; 0 takes a free one.", Options.Integer(0, 65535), WeirServerOptions.DefaultPort, shell, "WEIR_PORT", "4567");
        var host = Options.Value("--host", "ADDRESS", "IP address to listen on, or localhost.", Options.Text, "127.0.0.1", shell, "WEIR_HOST", "127.0.0.1");
        var data = Options.Value("--data", "DIR", "Where the streams are kept; made when it does not exist.", Options.Text, "./weir-data", shell, "WEIR_DATA", "./weir-data");
        var memory = Options.Flag("--memory", "Keep the streams in memory only, in place of --data.", shell, "WEIR_MEMORY");
        var durability = Options.Value(
            "--durability",
            "LEVEL",
            "When a put is acknowledged: fsync (after its bytes are on the disk), interval=<time> (after the write; fsynced at most that much later, 1ms to 60s), or os (after the write).",
            Durability.Parse,
            Durability.Fsync,
            shell,
            "WEIR_DURABILITY",
            "fsync");
        var limits = Options.Value("--limits", "aws|off", "Whether the rates of Kinesis are enforced, of shards and of control operations.", Options.OneOf("aws", "off"), "aws", shell, "WEIR_LIMITS", "aws");
        var tls = Options.Flag("--tls", "Speak TLS, for HTTP/1.1 and HTTP/2; without --tls-cert with a certificate that the server signs itself and keeps in DIR.", shell, "WEIR_TLS");
        var certificate = Options.Value<string?>("--tls-cert", "FILE", "The certificate and its chain in PEM; implies --tls.", Options.Text, null, shell, "WEIR_TLS_CERT");
        var key = Options.Value<string?>("--tls-key", "FILE", "The certificate's private key in PEM.", Options.Text, null, shell, "WEIR_TLS_KEY");
        var credentials = Options.Value<string?>("--credentials", "FILE", "Who may call: the access keys that `weir credentials` keeps in this file. Without it everybody on this machine.", Options.Text, null, shell, CredentialsCommand.FileVariable);
        var account = Options.Value("--account-id", "ID", "The account of access keys that name none, and of every request without --credentials; twelve digits.", ReadAccount, WeirServerOptions.DefaultAccountId, shell, "WEIR_ACCOUNT_ID", WeirServerOptions.DefaultAccountId);
        var anonymous = Options.Flag("--allow-anonymous", "Allow an address that other machines can reach, although no signature is checked.", shell, "WEIR_ALLOW_ANONYMOUS");
        var controls = Options.Flag("--test-controls", "Let tests move the clock at /_weir/clock and make requests fail at /_weir/faults; on a loopback address only.", shell, "WEIR_TEST_CONTROLS");
        var delay = Options.Value("--transition-delay", "TIME", "How long CREATING, UPDATING and DELETING last at least; up to 1h.", ReadDelay, TimeSpan.Zero, shell, "WEIR_TRANSITION_DELAY", "0s");
        var scrub = Options.Value("--scrub-interval", "TIME", "How often each sealed segment is checked in the background, 1m to 30d; 0s for never.", ReadScrub, SegmentScrub.DefaultInterval, shell, "WEIR_SCRUB_INTERVAL", "7d");
        var limit = Options.Value<long?>("--memory-limit", "BYTES", "Memory that the process may have, such as 512MiB or 2GB; at least 256MiB.", ReadSize, fallback: null, shell, "WEIR_MEMORY_LIMIT", "half of the machine's or the container's, up to 2GiB");
        var level = Options.Value("--log-level", "LEVEL", "Least level of what is logged to standard error: trace, debug, information, warning, error, critical or none.", ReadLevel, LogLevel.Warning, shell, "WEIR_LOG_LEVEL", "warning");

        var command = new Command("server") { port, host, data, memory, durability, limits, tls, certificate, key, credentials, account, anonymous, controls, delay, scrub, limit, level };
        command.SetAction((result, _) =>
        {
            var dataGiven = data.IsGiven(result);
            var memoryGiven = memory.IsGiven(result);
            if (dataGiven && memoryGiven)
                throw new UsageException("--data and --memory exclude each other.");
            return RunAsync(shell, new WeirServerOptions
            {
                Host = result.Get(host)!,
                Port = result.Get(port),
                DataDirectory = memoryGiven || (!dataGiven && result.Get(memory)) ? null : result.Get(data),
                Durability = result.Get(durability),
                EnforceLimits = result.Get(limits) == "aws",
                Tls = result.Get(tls) || result.Get(certificate) is not null,
                TlsCertificateFile = result.Get(certificate),
                TlsKeyFile = result.Get(key),
                CredentialsFile = result.Get(credentials),
                CredentialsKey = result.Get(credentials) is null ? null : CredentialsCommand.SealingKey(shell),
                AccountId = result.Get(account)!,
                AllowAnonymous = result.Get(anonymous),
                TestControls = result.Get(controls),
                TransitionDelay = result.Get(delay),
                ScrubInterval = result.Get(scrub),
                MemoryLimitBytes = result.Get(limit),
                OpenTelemetry = TelemetryVariables.Of(shell),
                LogLevel = result.Get(level),
                Time = shell.Time,
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(Shell shell, WeirServerOptions options)
    {
        shell.ListenToSignals();
        WeirServer server;
        try
        {
            if (shell.OwnsProcess)
            {
                ProcessMemory.Bound(options);
                // A handshake takes a processor for a millisecond: too long for a thread that others wait for.
                if (!options.Tls)
                    ProcessSockets.CompleteWherePolled();
            }

            server = await WeirServer.StartAsync(options, shell.Interrupted).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            throw new CommandFailure(exception.Message, exception);
        }

        await using (server.ConfigureAwait(false))
        {
            shell.Error.WriteLine(
                $"storage {options.DataDirectory ?? "memory"}, durability {(options.DataDirectory is null ? "none" : options.Durability)}, limits {(options.EnforceLimits ? "aws" : "off")}, memory limit {SizeText.Of(ProcessMemory.LimitOf(options))}");
            if (options.CredentialsFile is { } credentials)
                shell.Error.WriteLine($"requests have to be signed with an access key of {credentials}");
            if (options.TestControls)
                shell.Error.WriteLine("test controls are on: anybody on this machine can move the clock and make requests fail");
            if (server.CertificateFile is { } trusted)
                shell.Error.WriteLine($"clients trust this server by its certificate {trusted}");
            shell.OutText.WriteLine($"Weir is listening on {Connection.Name(server.Endpoint)}");
            await shell.OutText.FlushAsync().ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, shell.Time, shell.Interrupted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await server.StopAsync(Drain).ConfigureAwait(false);
        }

        return CommandLine.Success;
    }

    // What somebody can put right: options, the port, the directory, damaged data. Anything else is a bug and keeps its stack.
    private static bool IsExpected(Exception exception) => exception
        is ArgumentException or IOException or UnauthorizedAccessException or DbException
        or CredentialsFileException or DataDirectoryInUseException or LogCorruptException or LogFailedException or StorageFullException;

    private static string ReadAccount(string text) =>
        text.Length == 12 && text.All(char.IsAsciiDigit) ? text : throw new FormatException("expected twelve digits");

    private static TimeSpan ReadDelay(string text) =>
        TimeText.TryParse(text, out var time) && time <= TimeSpan.FromHours(1) ? time : throw new FormatException($"expected {TimeText.Form}, up to 1h");

    private static TimeSpan ReadScrub(string text) =>
        TimeText.TryParse(text, out var time) && (time == TimeSpan.Zero || (time >= SegmentScrub.MinInterval && time <= SegmentScrub.MaxInterval))
            ? time
            : throw new FormatException($"expected {TimeText.Form}, from 1m to 30d, or 0s");

    private static long? ReadSize(string text) => SizeText.TryParse(text, out var bytes) ? bytes : throw new FormatException($"expected {SizeText.Form}");

    private static LogLevel ReadLevel(string text) =>
        Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level) && !char.IsAsciiDigit(text[0])
            ? level
            : throw new FormatException("expected trace, debug, information, warning, error, critical or none");
}
