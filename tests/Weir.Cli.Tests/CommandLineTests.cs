using System.Net;
using System.Net.Sockets;

namespace Weir.Cli.Tests;

/// <summary>Exit codes are a contract: 0 done, 1 refused with nothing on standard output, 2 wrong usage.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--port", "x", "--port is 'x': expected a whole number from 0 to 65535.")]
    [InlineData("--port", "65536", "--port is '65536': expected a whole number from 0 to 65535.")]
    [InlineData("--durability", "never", "--durability is 'never': 'never' is no durability: expected fsync, interval=<time> (1ms to 60s), or os.")]
    [InlineData("--limits", "some", "--limits is 'some': expected aws or off.")]
    [InlineData("--account-id", "12", "--account-id is '12': expected twelve digits.")]
    [InlineData("--transition-delay", "2h", "--transition-delay is '2h': expected a whole number with ms, s, m, h or d, such as 250ms or 10s, up to 1h.")]
    [InlineData("--scrub-interval", "59s", "--scrub-interval is '59s': expected a whole number with ms, s, m, h or d, such as 250ms or 10s, from 1m to 30d, or 0s.")]
    [InlineData("--log-level", "3", "--log-level is '3': expected trace, debug, information, warning, error, critical or none.")]
    public async Task A_value_that_makes_no_sense_is_wrong_usage_wherever_it_comes_from(string option, string value, string message)
    {
        using var onCommandLine = new CommandRun();
        Assert.Equal(2, await onCommandLine.RunAsync("server", "--memory", option, value));
        Assert.Equal("", onCommandLine.Output);
        Assert.Contains(message, onCommandLine.Error, StringComparison.Ordinal);

        var variable = "WEIR_" + option[2..].Replace('-', '_').ToUpperInvariant();
        using var inEnvironment = new CommandRun(variables: new Dictionary<string, string> { [variable] = value });
        Assert.Equal(2, await inEnvironment.RunAsync("server", "--memory"));
        Assert.Contains(message.Replace(option + " is", variable + " is", StringComparison.Ordinal), inEnvironment.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'strea' is no command or option here.", "strea", "list")]
    [InlineData("'--nope' is no command or option here.", "stream", "list", "--nope")]
    [InlineData("Required argument missing for command: 'tail'.", "tail")]
    [InlineData("--data and --memory exclude each other.", "server", "--memory", "--data", "d")]
    [InlineData("--key, --key-json and --tsv exclude each other.", "put", "s", "--key", "k", "--tsv")]
    [InlineData("--on-demand and --shards exclude each other.", "stream", "create", "s", "--on-demand", "--shards", "2")]
    [InlineData("The number of shards must be from 1 to 10000.", "stream", "scale", "s", "0")]
    [InlineData("--from is 'soon': expected latest, trim-horizon", "tail", "s", "--from", "soon")]
    [InlineData("--endpoint is 'nonsense': expected an http or https address, or aws.", "stream", "list", "--endpoint", "nonsense")]
    [InlineData("The load generator speaks plain http only", "bench", "put", "--endpoint", "aws")]
    [InlineData("passes the 10 MiB", "bench", "put", "--batch", "500", "--record-size", "100000")]
    public async Task Wrong_usage_is_2_and_says_what_is_wrong(string message, params string[] arguments)
    {
        using var run = new CommandRun();

        Assert.Equal(2, await run.RunAsync(arguments));

        Assert.Equal("", run.Output);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_endpoint_variable_is_named()
    {
        using var run = new CommandRun(variables: new Dictionary<string, string> { ["AWS_ENDPOINT_URL"] = "localhost:4567" });

        Assert.Equal(2, await run.RunAsync("stream", "list"));

        Assert.Contains("AWS_ENDPOINT_URL is 'localhost:4567'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stream", "list")]
    [InlineData("stream", "create", "s")]
    [InlineData("put", "s")]
    [InlineData("tail", "s")]
    [InlineData("bench", "put")]
    public async Task Nobody_listening_is_refused_in_one_line(params string[] arguments)
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        using var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync([.. arguments, "--endpoint", $"http://127.0.0.1:{port}"]));

        Assert.Equal("", run.Output);
        Assert.Equal($"weir: Cannot reach http://127.0.0.1:{port}: is `weir server` running?", run.Error.Trim());
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        using var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("--version"));

        Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", run.Output);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Help_names_every_command_and_a_bare_name_shows_the_help_as_an_error()
    {
        using var help = new CommandRun();
        Assert.Equal(0, await help.RunAsync("--help"));
        using var bare = new CommandRun();
        Assert.Equal(2, await bare.RunAsync());

        Assert.Equal("", bare.Output);
        Assert.All(["server", "stream", "put", "tail", "bench"], command =>
        {
            Assert.Contains($"  {command}", help.Output, StringComparison.Ordinal);
            Assert.Contains($"  {command}", bare.Error, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Every_server_option_names_its_variable_in_the_help()
    {
        using var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("server", "--help"));

        foreach (var option in new[] { "port", "host", "data", "memory", "durability", "limits", "account-id", "allow-anonymous", "test-controls", "transition-delay", "log-level" })
            Assert.Matches($"--{option}.*\\[WEIR_{option.Replace('-', '_').ToUpperInvariant()}", run.Output);
    }
}
