using System.Text;

namespace Weir.Cli.Tests;

/// <summary>Runs a command line in this process, with streams of its own.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly StringWriter _error = new();
    private readonly Shell _shell;

    public CommandRun(string input = "", Dictionary<string, string>? variables = null, Stream? inputStream = null, Stream? outputStream = null)
    {
        var target = outputStream ?? _output;
        _shell = new Shell
        {
            In = inputStream ?? new MemoryStream(Encoding.UTF8.GetBytes(input)),
            Out = target,
            OutText = new StreamWriter(target, new UTF8Encoding(false)),
            Error = _error,
            Variable = name => variables?.GetValueOrDefault(name),
            Seed = 7,
        };
    }

    public string Output => Encoding.UTF8.GetString(_output.ToArray());

    public string Error => _error.ToString();

    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, _shell);

    public void Interrupt() => _shell.Interrupt();

    public void Dispose()
    {
        _shell.Dispose();
        _error.Dispose();
        _output.Dispose();
    }
}
