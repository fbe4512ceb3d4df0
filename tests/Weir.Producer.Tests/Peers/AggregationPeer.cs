using System.Diagnostics;
using Weir.Client.Tests.Peers;

namespace Weir.Producer.Tests.Peers;

/// <summary>aws-kinesis-agg, the aggregation library for Node.js, as a process that answers line by line.</summary>
internal static class AggregationPeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Has each line answered.</summary>
    /// <param name="mode"><c>aggregate</c> or <c>deaggregate</c>.</param>
    /// <param name="lines">One case each.</param>
    public static async Task<List<string>> RunAsync(string mode, IReadOnlyList<string> lines)
    {
        Require();
        using var process = new Process { StartInfo = NodePeer.Start(Path.Combine(NodePeer.Root, "tests/Weir.Producer.Tests/Peers/aggregation_peer.cjs"), mode) };
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            foreach (var line in lines)
                await process.StandardInput.WriteLineAsync(line);
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            process.Kill();
            Assert.Fail($"{exception.Message}\n{await error}");
        }

        Assert.True(process.ExitCode == 0, await error);
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Skips the calling test where the library is not installed; with CI=true it fails.</summary>
    private static void Require()
    {
        var isThere = false;
        try
        {
            using var probe = Process.Start(NodePeer.Start("-e", "require('aws-kinesis-agg')"))!;
            probe.StandardInput.Close();
            probe.WaitForExit();
            isThere = probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no node.
            isThere = false;
        }

        const string reason = "node with aws-kinesis-agg (npm) is not installed; ./test.sh installs it.";
        if (!isThere && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(reason);
        Assert.SkipUnless(isThere, reason);
    }
}
