using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Cli;

/// <summary>All that a command sees of the world: standard streams, environment, clock, chance, signals. Tests make their own.</summary>
internal sealed class Shell : IDisposable
{
    private readonly CancellationTokenSource _interruption = new();
    private readonly List<PosixSignalRegistration> _signals = [];

    /// <summary>Standard input.</summary>
    public required Stream In { get; init; }

    /// <summary>Standard output, unbuffered. A write to it throws <see cref="OutputClosedException"/> when nobody reads it any more.</summary>
    public required Stream Out { get; init; }

    /// <summary>Standard output as text, buffered: flushed when the command ends.</summary>
    public required TextWriter OutText { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person types standard input.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>Whether a person reads standard output.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person reads standard error.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether the process is this command's alone, which may bound its memory then.</summary>
    public bool OwnsProcess { get; init; }

    /// <summary>Gives an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The seed of this run's chance.</summary>
    public int Seed { get; init; } = RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Cancelled by the first SIGINT or SIGTERM, once <see cref="ListenToSignals"/> was called.</summary>
    public CancellationToken Interrupted => _interruption.Token;

    /// <summary>The process's own.</summary>
    public static Shell OfProcess()
    {
        var output = new StandardOutput();
        return new Shell
        {
            In = Console.OpenStandardInput(),
            Out = output,
            OutText = new StreamWriter(output, new UTF8Encoding(false), bufferSize: 16 * 1024) { AutoFlush = false },
            Error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true },
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            OwnsProcess = true,
            Variable = Environment.GetEnvironmentVariable,
        };
    }

    /// <summary>
    /// From now on the first SIGINT or SIGTERM asks the command to come to an end; a second one ends the process as usual.
    /// </summary>
    public void ListenToSignals()
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = !_interruption.IsCancellationRequested;
                _interruption.Cancel();
            }));
        }
    }

    /// <summary>As the first signal does.</summary>
    public void Interrupt() => _interruption.Cancel();

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _interruption.Dispose();
    }
}
