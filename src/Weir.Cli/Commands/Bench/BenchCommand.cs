using System.CommandLine;

namespace Weir.Cli.Commands.Bench;

/// <summary><c>weir bench</c>: load generators.</summary>
internal static class BenchCommand
{
    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create(Shell shell) => new("bench")
    {
        BenchPutCommand.Create(shell),
        BenchGetCommand.Create(shell),
        BenchSubscribeCommand.Create(shell),
        BenchShardsCommand.Create(shell),
        BenchRecoveryCommand.Create(shell),
        BenchOverloadCommand.Create(shell),
        BenchLimitsCommand.Create(shell),
        BenchFairnessCommand.Create(shell),
        BenchSteadyCommand.Create(shell),
        ScanLoadCommand.Create(shell),
        BaselineServerCommand.Create(shell),
        PageServerCommand.Create(shell),
    };
}
