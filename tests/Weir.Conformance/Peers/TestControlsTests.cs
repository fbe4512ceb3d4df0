using System.Text.RegularExpressions;
using Weir.Conformance.Server;

namespace Weir.Conformance.Peers;

/// <summary>A server with the test controls on.</summary>
public sealed class TestControlsFixture : ServerFixture
{
    protected override string[] Options => ["--test-controls"];
}

/// <summary>
/// The examples of docs/test-controls.md, run as they stand there, one after the other on one server, and their output compared with what
/// the page says. Only the address is another, because the tests' server takes a free port.
/// </summary>
public sealed partial class TestControlsTests(TestControlsFixture fixture) : IClassFixture<TestControlsFixture>
{
    private const string QuotedEndpoint = "http://127.0.0.1:4567";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly Dictionary<string, (Peer Peer, string Program, string Option)> Runners = new()
    {
        ["sh"] = (Peer.Curl, "/bin/bash", "-euc"),
        ["python"] = (Peer.Boto3, Peer.Boto3.Program, "-c"),
        ["js"] = (Peer.JavaScriptSdk, Peer.JavaScriptSdk.Program, "-e"),
    };

    [Fact]
    public async Task The_examples_of_the_page_print_what_it_says()
    {
        var endpoint = fixture.Endpoint.ToString().TrimEnd('/');
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/test-controls.md"), TestContext.Current.CancellationToken);
        var examples = Example().Matches(page);
        Assert.Equal(["sh", "python", "python", "python", "python", "js", "sh"], examples.Select(example => example.Groups["language"].Value));
        foreach (var (peer, _, _) in Runners.Values)
            await peer.RequireAsync();
        foreach (Match example in examples)
        {
            var (peer, program, option) = Runners[example.Groups["language"].Value];
            var code = example.Groups["code"].Value;
            Assert.Contains(QuotedEndpoint, code, StringComparison.Ordinal);

            var outcome = await ChildProcess.RunAsync(
                program, [option, code.Replace(QuotedEndpoint, endpoint, StringComparison.Ordinal)], Patience, peer.EnvironmentVariables);

            Assert.True(outcome.ExitCode == 0, $"{code}\n{outcome}");
            // "…" stands for what is different each time.
            var expected = $"^{Regex.Escape(example.Groups["output"].Value.Trim()).Replace("…", "[^\"]*?", StringComparison.Ordinal)}$";
            Assert.True(Regex.IsMatch(outcome.Output.Trim(), expected), $"{code}\n{outcome}");
        }
    }

    [Fact]
    public async Task Every_runnable_example_of_the_page_says_what_it_prints()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/test-controls.md"), TestContext.Current.CancellationToken);
        Assert.Equal(Code().Count(page), Example().Count(page));
    }

    [GeneratedRegex("^```(?<language>sh|python|js)\n(?<code>.*?)^```\n\n```text\n(?<output>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("^```(sh|python|js)$", RegexOptions.Multiline)]
    private static partial Regex Code();
}
