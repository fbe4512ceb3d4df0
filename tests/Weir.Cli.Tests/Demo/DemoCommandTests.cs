using System.Text;
using System.Text.Json;
using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

/// <summary>The whole demonstration in this process, as the command line starts it: a server on a free port, real files, real HTTP.</summary>
public sealed class DemoCommandTests
{
    [Fact]
    public async Task The_demonstration_at_many_times_its_speed_passes_its_audit()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var shell = NewShell(output, error);

        var code = await CommandLine.RunAsync(["demo", "--speed", "1000", "--json", "--keep"], shell);

        Assert.True(code == 0, error.ToString());
        using var json = JsonDocument.Parse(output.ToString());
        var directory = json.RootElement.GetProperty("dataDirectory").GetString()!;
        try
        {
            Assert.True(json.RootElement.GetProperty("passed").GetBoolean());
            Assert.Equal(6, json.RootElement.GetProperty("shards").GetArrayLength());
            Assert.Equal(6, json.RootElement.GetProperty("audit").EnumerateArray().Count(line => line.GetProperty("passed").GetBoolean()));
            Assert.Equal(6, error.ToString().Split('\n').Count(line => line.StartsWith("PASS  ", StringComparison.Ordinal)));
            Assert.Contains(directory, error.ToString(), StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(directory, "catalog.db")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Stopped_on_the_way_it_says_so()
    {
        using var output = new WatchedText("window");
        using var error = new StringWriter();
        using var shell = NewShell(output, error);
        var running = CommandLine.RunAsync(["demo", "--no-tty"], shell);
        await output.Seen.WaitAsync(TestContext.Current.CancellationToken);

        shell.Interrupt();

        Assert.Equal(1, await running);
        Assert.Contains("stopped before its audit", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_trace_is_refused_before_anything_starts()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "nonsense", TestContext.Current.CancellationToken);
            var failure = await Assert.ThrowsAsync<CommandFailure>(
                () => new DemoRun(new DemoOptions { TraceFile = file }, TimeProvider.System).RunAsync(TestContext.Current.CancellationToken));
            Assert.Contains("line 1", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--speed", "0")]
    [InlineData("--speed", "10001")]
    [InlineData("--port", "65536")]
    public async Task A_setting_out_of_range_is_wrong_usage(string option, string value)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var shell = NewShell(output, error);

        Assert.Equal(2, await CommandLine.RunAsync(["demo", option, value], shell));
        Assert.Contains($"{option} is '{value}'", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public void The_directory_goes_unless_it_is_kept()
    {
        string gone, kept;
        using (var directory = new DemoDirectory(keep: false))
            File.WriteAllText(Path.Combine(gone = directory.Path, "file"), "");
        using (var directory = new DemoDirectory(keep: true))
            kept = directory.Path;

        Assert.False(Directory.Exists(gone));
        Assert.True(Directory.Exists(kept));
        Directory.Delete(kept);
    }

    private static Shell NewShell(TextWriter output, TextWriter error) => new()
    {
        In = Stream.Null,
        Out = Stream.Null,
        OutText = output,
        Error = error,
        Variable = _ => null,
    };

    /// <summary>Text that tells when a word was written.</summary>
    private sealed class WatchedText(string word) : StringWriter
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            if (value?.Contains(word, StringComparison.Ordinal) == true)
                _seen.TrySetResult();
            return base.WriteLineAsync(value);
        }
    }
}
