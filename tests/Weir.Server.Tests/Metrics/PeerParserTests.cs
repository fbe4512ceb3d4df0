using System.Diagnostics;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Metrics;

/// <summary>The page as those read it who will: Prometheus's own checker, and the parser of its Python client.</summary>
public sealed class PeerParserTests
{
    // Debian's modules belong to Debian's Python; another python3 may come first on the PATH.
    private const string DebianPython = "/usr/bin/python3";

    private const string Python = """
        import sys
        from prometheus_client.parser import text_string_to_metric_families
        for family in text_string_to_metric_families(sys.stdin.read()):
            print(family.name, family.type, len(family.samples))
        """;

    [Fact]
    public async Task Promtool_finds_nothing_to_complain_about()
    {
        // ./test.sh does not install it: the package brings a service along.
        Assert.SkipUnless(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "promtool"))),
            "promtool is not installed (Debian: prometheus).");
        var (code, output) = await RunAsync("promtool", ["check", "metrics"], await PageAsync());
        // 3 is a matter of taste: some of the runtime's gauges are called counts, which dashboards everywhere know them by.
        Assert.True(code is 0 or 3, output);
        Assert.DoesNotContain(
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => !line.StartsWith("dotnet_", StringComparison.Ordinal) || !line.Contains("\"_count\" suffix", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_Python_client_reads_every_family()
    {
        if (!File.Exists(DebianPython) || (await RunAsync(DebianPython, ["-c", "import prometheus_client"], "")).Code != 0)
            Missing("prometheus_client for /usr/bin/python3 is not installed (Debian: python3-prometheus-client).");
        var page = await PageAsync();
        var (code, output) = await RunAsync(DebianPython, ["-c", Python], page);
        Assert.True(code == 0, output);
        // That library names a counter without its ending.
        var expected = MetricsText.Parse(page).Families.Select(family => (
            family.Type == "counter" ? family.Name[..^"_total".Length] : family.Name, family.Type));
        Assert.Equal(expected, output.Trim().Split('\n').Select(line => (line.Split(' ')[0], line.Split(' ')[1])));
    }

    /// <summary>A page that has everything that requests can bring about, by a stream, a shard and a consumer.</summary>
    private static async Task<string> PageAsync()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders");
        await ShardLevelMetricsTests.SwitchAsync(server, "orders", Streams.ShardMetrics.All);
        await server.PutTextAsync("orders", "x");
        (await StreamMetricsTests.PutRecordsAsync(server, "orders", (900_000, "0"), (900_000, "0"))).Succeeded();
        await server.ReadAsync(await server.IteratorAsync("orders"));
        await server.PutAsync("missing");
        return (await server.MetricsAsync()).Text;
    }

    // In CI a peer that is missing is a failure: nobody would see the skip.
    private static void Missing(string reason)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
