using System.Runtime.InteropServices;
using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Faults;

/// <summary>
/// A server runs out of file handles. Method: its limit is lowered to what it has open and to what it leaves to the .NET runtime (prlimit), so
/// that everything it would open fails, and raised again; both while it runs. Linux only.
/// </summary>
public sealed class FileHandleTests
{
    private const int LimitOfOpenFiles = 7;
    private const ulong Plenty = 4096;

    // What the server leaves to the .NET runtime (docs/operations/failures.md).
    private const int Reserve = 32;

    [Fact]
    public async Task Without_handles_open_streams_take_puts_and_everything_works_again_with_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "prlimit is Linux's.");
        using var data = new TemporaryFolder();
        await FilledStream.FillAsync(data.Path);
        await using var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off", "--durability", "os");
        using var http = new KinesisHttp(server.Endpoint);
        // The connection is there before the handles go.
        (await FilledStream.PutAsync(http)).Succeeded();

        using var fillers = new Connections();
        await LowerToTheReserveAsync(server, fillers);
        // The active segment is open; the sealed one would have to be opened.
        (await FilledStream.PutAsync(http)).Succeeded();
        FilledStream.AssertFailed(await FilledStream.ReadOldestAsync(http));
        (await http.CallAsync("CreateStream", new { StreamName = "later", ShardCount = 1 })).Succeeded();
        Assert.Equal("CREATING", await StatusAsync(http, "later"));
        Assert.Equal(0, await FilledStream.MetricAsync(http, "weir_log_failures_total"));
        await FilledStream.ToldAsync(server, "ulimit -n");

        SetLimit(server.ProcessId, Plenty);
        (await fillers.Add(server.Endpoint).CallAsync("ListStreams", "{}")).Succeeded();
        await http.UntilActiveAsync("later");
        Assert.Equal(10, (await FilledStream.ReadOldestAsync(http)).Succeeded().Json.GetProperty("Records").GetArrayLength());
        (await FilledStream.PutAsync(http)).Succeeded();
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Connections_leave_handles_to_everything_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells a process its limits.");
        const int allowed = 144;
        await using var server = await WeirServer.StartWithHandlesAsync(400, "--memory", "--limits", "off");
        using var connections = new Connections();
        var first = connections.Add(server.Endpoint);
        (await first.CallAsync("ListStreams", "{}")).Succeeded();
        for (var i = 1; i < allowed; i++)
            (await connections.Add(server.Endpoint).CallAsync("ListStreams", "{}")).Succeeded();

        await Assert.ThrowsAsync<HttpRequestException>(() => connections.Add(server.Endpoint).CallAsync("ListStreams", "{}"));
        await first.CreateStreamAsync("served");
        Assert.Equal(1, await FilledStream.MetricAsync(first, "weir_server_connections_refused_total"));
    }

    private static async Task<string?> StatusAsync(KinesisHttp http, string stream) =>
        (await http.CallAsync("DescribeStreamSummary", new { StreamName = stream })).Succeeded().Json
            .GetProperty("StreamDescriptionSummary").GetProperty("StreamStatus").GetString();

    // Leaves as many numbers free below the limit as the reserve has, and takes with connections what lies before the reserve: the lowest free number is
    // given out first, so that is what gaps make of it, and what was open for a moment only.
    private static async Task LowerToTheReserveAsync(WeirServer server, Connections fillers)
    {
        var open = OpenHandles(server.ProcessId);
        var limit = Enumerable.Range(0, int.MaxValue).Where(number => !open.Contains(number)).ElementAt(Reserve - 1) + 1;
        SetLimit(server.ProcessId, (ulong)limit);
        for (var i = 0; i < Reserve / 2; i++)
        {
            try
            {
                (await fillers.Add(server.Endpoint).CallAsync("ListStreams", "{}")).Succeeded();
            }
            catch (HttpRequestException)
            {
                return;
            }
        }

        Assert.Fail($"The server accepts connections with {OpenHandles(server.ProcessId).Count} handles and a limit of {limit}.");
    }

    private static HashSet<int> OpenHandles(int process) =>
        [.. Directory.GetFileSystemEntries($"/proc/{process}/fd").Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture))];

    private static void SetLimit(int process, ulong files)
    {
        var limit = new Limit(files, Plenty);
        if (SetLimit(process, LimitOfOpenFiles, in limit, 0) != 0)
            throw new InvalidOperationException($"prlimit({process}) failed: errno {Marshal.GetLastPInvokeError()}.");
    }

    private sealed class Connections : IDisposable
    {
        private readonly List<KinesisHttp> _all = [];

        public KinesisHttp Add(Uri endpoint)
        {
            _all.Add(new KinesisHttp(endpoint));
            return _all[^1];
        }

        public void Dispose() => _all.ForEach(connection => connection.Dispose());
    }

    private readonly record struct Limit(ulong Soft, ulong Hard);

    [DllImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static extern int SetLimit(int process, int resource, in Limit limit, nint old);
}
