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

    private async Task RunAsync(string language, Peer peer, string program, string option, string lastLine)
    {
        var endpoint = fixture.Endpoint.ToString().TrimEnd('/');
        await peer.RequireAsync();
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);
        var example = Assert.Single(CodeBlock().Matches(readme), block => block.Groups["language"].Value == language).Groups["code"].Value;
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

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
