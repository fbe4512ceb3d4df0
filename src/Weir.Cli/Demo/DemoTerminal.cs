using System.Text;
using Spectre.Console;

namespace Weir.Cli.Demo;

/// <summary>The terminal as Spectre.Console sees it: our own stream, its real size, and colours unless <c>NO_COLOR</c> is set.</summary>
internal sealed class DemoTerminal : IAnsiConsoleOutput
{
    /// <summary>Below this the live table has no room: plain lines are better.</summary>
    public const int MinWidth = 48, MinHeight = 16;

    private DemoTerminal(TextWriter writer) => Writer = writer;

    /// <inheritdoc />
    public TextWriter Writer { get; }

    /// <inheritdoc />
    public bool IsTerminal => true;

    /// <inheritdoc />
    public int Width => Console.WindowWidth;

    /// <inheritdoc />
    public int Height => Console.WindowHeight;

    /// <summary>The console of this process's terminal; null when there is none, or it cannot show a live table.</summary>
    public static IAnsiConsole? Open(Shell shell)
    {
        if (!shell.OutIsTerminal || shell.Variable("TERM") is "dumb" || Console.WindowWidth < MinWidth || Console.WindowHeight < MinHeight)
            return null;
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = shell.Variable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new DemoTerminal(shell.OutText),
        });
    }

    /// <inheritdoc />
    public void SetEncoding(Encoding encoding)
    {
        // The shell's stream is UTF-8 and stays so.
    }
}
