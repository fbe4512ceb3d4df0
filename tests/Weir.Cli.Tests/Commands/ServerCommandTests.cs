using System.IO.Pipelines;

namespace Weir.Cli.Tests.Commands;

public sealed class ServerCommandTests
{
    [Fact]
    public async Task It_says_where_it_listens_serves_and_ends_with_0_at_a_signal()
    {
        var output = new Pipe();
        using var lines = new StreamReader(output.Reader.AsStream());
        using var run = new CommandRun(variables: new Dictionary<string, string> { ["WEIR_PORT"] = "0", ["WEIR_MEMORY"] = "1" }, outputStream: output.Writer.AsStream());

        var serving = run.RunAsync("server", "--limits", "off", "--memory-limit", "512MiB");
        var line = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Matches("^Weir is listening on http://127.0.0.1:[0-9]+$", line);
        using (var list = new CommandRun())
            Assert.Equal(0, await list.RunAsync("stream", "list", "--endpoint", line!.Split(' ')[^1]));
        run.Interrupt();

        Assert.Equal(0, await serving);
        Assert.Equal("storage memory, durability none, limits off, memory limit 512 MiB", run.Error.Trim());
    }

    [Fact]
    public async Task Test_controls_are_said_and_stay_on_this_machine()
    {
        var output = new Pipe();
        using var lines = new StreamReader(output.Reader.AsStream());
        using var run = new CommandRun(variables: new Dictionary<string, string> { ["WEIR_TEST_CONTROLS"] = "1" }, outputStream: output.Writer.AsStream());
        var serving = run.RunAsync("server", "--port", "0", "--memory");
        await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        run.Interrupt();
        Assert.Equal(0, await serving);
        Assert.Contains("test controls are on: anybody on this machine can move the clock and make requests fail", run.Error, StringComparison.Ordinal);

        using var reachable = new CommandRun();
        Assert.Equal(1, await reachable.RunAsync("server", "--host", "0.0.0.0", "--allow-anonymous", "--test-controls", "--memory"));
        Assert.Equal("", reachable.Output);
        Assert.Contains("TestControls", reachable.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--host", "0.0.0.0", "--memory")]
    [InlineData("--host", "not-an-address", "--memory")]
    public async Task What_cannot_start_is_refused_with_nothing_on_standard_output(params string[] arguments)
    {
        using var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync(["server", .. arguments]));

        Assert.Equal("", run.Output);
        Assert.StartsWith("weir: Host is ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_has_one_server_and_a_file_is_none()
    {
        var directory = Directory.CreateTempSubdirectory("weir-cli-tests-");
        try
        {
            var output = new Pipe();
            using var lines = new StreamReader(output.Reader.AsStream());
            using var first = new CommandRun(outputStream: output.Writer.AsStream());
            var serving = first.RunAsync("server", "--port", "0", "--data", directory.FullName);
            await lines.ReadLineAsync(TestContext.Current.CancellationToken);

            using var second = new CommandRun();
            Assert.Equal(1, await second.RunAsync("server", "--port", "0", "--data", directory.FullName));
            Assert.Contains("is in use by", second.Error, StringComparison.Ordinal);
            first.Interrupt();
            Assert.Equal(0, await serving);

            var file = Path.Combine(directory.FullName, "file");
            await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
            using var third = new CommandRun();
            Assert.Equal(1, await third.RunAsync("server", "--port", "0", "--data", file));
            Assert.Equal("", third.Output);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
