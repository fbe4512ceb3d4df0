using System.CommandLine;

namespace Weir.Cli.Commands.Streams;

/// <summary><c>weir stream</c>: control of streams.</summary>
internal static class StreamCommand
{
    /// <summary>Makes the command with its subcommands.</summary>
    public static Command Create(Shell shell) => new("stream")
    {
        CreateStreamCommand.Create(shell),
        ListStreamsCommand.Create(shell),
        DescribeStreamCommand.Create(shell),
        SplitShardCommand.Create(shell),
        MergeShardsCommand.Create(shell),
        ScaleStreamCommand.Create(shell),
        ModeStreamCommand.Create(shell),
        DeleteStreamCommand.Create(shell),
    };

    /// <summary>The stream that a command is about.</summary>
    public static Argument<string> Name() => new("stream") { Description = "The stream's name." };

    /// <summary>Whether the answer is for machines.</summary>
    public static Setting<bool> Json(Shell shell) => Options.Flag("--json", "Answer in JSON.", shell);

    /// <summary>Whether the command ends only when the change is complete.</summary>
    public static Setting<bool> Wait(Shell shell, string until) => Options.Flag("--wait", $"End only when {until}.", shell);
}
