using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using Weir.Cli.Commands;
using Weir.Cli.Commands.Bench;
using Weir.Cli.Commands.Credentials;
using Weir.Cli.Commands.Data;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Protocol;

namespace Weir.Cli;

/// <summary>The <c>weir</c> command: its subcommands, and what becomes of their failures.</summary>
internal static class CommandLine
{
    /// <summary>The operation was carried out.</summary>
    public const int Success = 0;

    /// <summary>The operation was refused: a message on standard error, nothing on standard output.</summary>
    public const int Refused = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int WrongUsage = 2;

    // A command is added here, by one line.
    private static readonly (string Name, string Description, Func<Shell, Command> Create)[] Commands =
    [
        ("server", "Run a server on this machine.", ServerCommand.Create),
        ("stream", "Create, list, describe, reshard and delete streams.", StreamCommand.Create),
        ("credentials", "Add, list and remove the access keys that a server takes.", CredentialsCommand.Create),
        ("data", "Check, describe and back up a server's data directory.", DataCommand.Create),
        ("put", "Put records from standard input, one a line.", PutCommand.Create),
        ("tail", "Write a stream's records to standard output.", TailCommand.Create),
        ("bench", "Measure a server.", BenchCommand.Create),
        ("demo", "Watch a real trace go through an embedded server, with an audit at the end.", Demo.DemoCommand.Create),
    ];

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Shell shell)
    {
        if (args is ["--version"])
        {
            // Before everything else: scripts ask for it often, and it needs none of what follows.
            shell.OutText.WriteLine(Version);
            await shell.OutText.FlushAsync().ConfigureAwait(false);
            return Success;
        }

        var result = Root(args, shell).Parse(args);
        if (result.Action is ParseErrorAction)
            return await WriteUsageErrorsAsync(result, shell).ConfigureAwait(false);
        return await InvokeAsync(result, shell).ConfigureAwait(false);
    }

    private static string Version => typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    // The options of a command are made only when it is named: most of a short command's time would go into those of the others.
    private static RootCommand Root(IReadOnlyList<string> args, Shell shell)
    {
        var root = new RootCommand("A streaming server that speaks the Amazon Kinesis Data Streams API, and its tools.");
        var named = args.FirstOrDefault(argument => !argument.StartsWith('-'));
        foreach (var (name, description, create) in Commands)
        {
            var command = name == named ? create(shell) : new Command(name);
            command.Description = description;
            root.Add(command);
        }

        return root;
    }

    private static async Task<int> InvokeAsync(ParseResult result, Shell shell)
    {
        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = shell.OutText,
                Error = shell.Error,
                EnableDefaultExceptionHandler = false,
                // Commands that have something to finish listen to signals themselves.
                ProcessTerminationTimeout = null,
            };
            var code = await result.InvokeAsync(configuration, CancellationToken.None).ConfigureAwait(false);
            await shell.OutText.FlushAsync().ConfigureAwait(false);
            return code;
        }
        catch (UsageException exception)
        {
            shell.Error.WriteLine($"weir: {exception.Message}");
            return WrongUsage;
        }
        catch (CommandFailure exception)
        {
            shell.Error.WriteLine($"weir: {exception.Message}");
            return Refused;
        }
        catch (KinesisException exception)
        {
            shell.Error.WriteLine($"weir: {Explain(exception)}");
            return Refused;
        }
        catch (OutputClosedException)
        {
            // Whoever read our output has seen enough, as `head` does: nothing went wrong.
            return Success;
        }
        catch (OperationCanceledException) when (shell.Interrupted.IsCancellationRequested)
        {
            shell.Error.WriteLine("weir: interrupted");
            return Refused;
        }
    }

    private static string Explain(KinesisException exception) => exception switch
    {
        KinesisConnectionException { Reason: KinesisConnectionFailure.Unreachable, Endpoint.IsLoopback: true } unreachable =>
            $"Cannot reach {Connection.Name(unreachable.Endpoint)}: is `weir server` running?",
        KinesisConnectionException or KinesisConfigurationException => exception.Message,
        { Code: ErrorCodes.UnknownOperation } => $"The server does not know the operation {exception.Operation}.",
        _ => $"{exception.Message} ({exception.Code})",
    };

    private static async Task<int> WriteUsageErrorsAsync(ParseResult result, Shell shell)
    {
        var command = result.CommandResult.Command;
        var path = command is RootCommand ? "weir" : "weir " + string.Join(' ', Path(result));
        if (command.Subcommands.Count > 0 && result.Tokens.All(token => token.Type == System.CommandLine.Parsing.TokenType.Command))
        {
            // Nothing but a name that stands for several commands: the list of them is the answer.
            await result.RootCommandResult.Command.Parse([.. Path(result), "--help"])
                .InvokeAsync(new InvocationConfiguration { Output = shell.Error, Error = shell.Error }).ConfigureAwait(false);
            return WrongUsage;
        }

        // An unknown word also leaves the command unnamed: one complaint is enough.
        var unknown = result.UnmatchedTokens.Count > 0 ? $"'{result.UnmatchedTokens[0]}' is no command or option here." : null;
        foreach (var message in unknown is null ? result.Errors.Select(error => error.Message) : [unknown])
            shell.Error.WriteLine($"weir: {message}");
        shell.Error.WriteLine($"Try '{path} --help'.");
        return WrongUsage;
    }

    private static IEnumerable<string> Path(ParseResult result) =>
        result.Tokens.Where(token => token.Type == System.CommandLine.Parsing.TokenType.Command).Select(token => token.Value);
}
