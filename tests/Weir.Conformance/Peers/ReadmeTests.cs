using System.Text.RegularExpressions;
using Weir.Conformance.Server;

namespace Weir.Conformance.Peers;

/// <summary>
/// The README's quick start, run as it stands there. Only the address is another, because the tests' server takes a free port.
/// </summary>
public sealed partial class ReadmeTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string QuotedEndpoint = "http://127.0.0.1:4567";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public Task The_example_with_the_command_line_prints_the_record() => RunAsync("sh", Peer.AwsCommandLine, "/bin/bash", "-euc", "level 312 cm");

    [Fact]
    public Task The_example_with_boto3_prints_the_record() => RunAsync("python", Peer.Boto3, Peer.Boto3.Program, "-c", "rhine level 312 cm");

    [Fact]
    public Task The_example_with_the_JavaScript_SDK_prints_the_record() =>
        RunAsync("js", Peer.JavaScriptSdk, Peer.JavaScriptSdk.Program, "-e", "rhine level 312 cm");

    [Fact]
    public async Task The_sample_from_dotnet_stores_its_readings()
    {
        var section = Assert.Single((await ReadmeAsync()).Split("\n## "), part => part.StartsWith("From .NET\n", StringComparison.Ordinal));
        var blocks = CodeBlock().Matches(section).ToDictionary(block => block.Groups["language"].Value, block => block.Groups["code"].Value);
        var program = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "samples/Weir.Samples.Producer/Program.cs"), TestContext.Current.CancellationToken);
        // The sample says besides where its settings are.
        Assert.All(blocks["csharp"].TrimEnd().Split('\n')[1..], line => Assert.Contains(line, program, StringComparison.Ordinal));

        var endpoint = fixture.Endpoint.ToString().TrimEnd('/');
        var last = "";
        foreach (var command in blocks["console"].TrimEnd().Split('\n'))
        {
            var words = command.Split(' ');
            // Built before these tests, both of them; and the server has another port.
            ProgramOutcome outcome = words[..3] switch
            {
                ["$", "./weir", _] => await ChildProcess.RunAsync(Repository.WeirProgram, [.. words[2..], "--endpoint", endpoint], Patience),
                ["$", "dotnet", "run"] => await ChildProcess.RunAsync(
                    Repository.Sample(Path.GetFileName(words[^1])), ["--Kinesis:Endpoint", endpoint], Patience),
                _ => throw new InvalidDataException($"The README has a command that this test does not know: {command}"),
            };
            Assert.True(outcome.ExitCode == 0, $"{command}: {outcome}");
            last = outcome.Output;
        }

        Assert.Matches("1000 readings are stored, in [0-9]+ records of 2 shards", last);
    }

    private async Task RunAsync(string language, Peer peer, string program, string option, string lastLine)
    {
        var endpoint = fixture.Endpoint.ToString().TrimEnd('/');
        await peer.RequireAsync();
        var example = Assert.Single(CodeBlock().Matches(await ReadmeAsync()), block => block.Groups["language"].Value == language).Groups["code"].Value;
        Assert.Contains(QuotedEndpoint, example, StringComparison.Ordinal);

        // Debian's own aws, where another one comes first on the PATH.
        var environment = new Dictionary<string, string>(peer.EnvironmentVariables)
        {
            ["PATH"] = "/usr/bin:/bin:" + Environment.GetEnvironmentVariable("PATH"),
        };
        var outcome = await ChildProcess.RunAsync(program, [option, example.Replace(QuotedEndpoint, endpoint, StringComparison.Ordinal)], Patience, environment);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal(lastLine, outcome.Output.TrimEnd().Split('\n')[^1]);
    }

    private static Task<string> ReadmeAsync() =>
        File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
