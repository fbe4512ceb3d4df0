using System.Runtime.InteropServices;
using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Faults;

/// <summary>
/// A server runs out of file handles. Method: its limit is lowered to what it has open (prlimit), so that every further opening fails, and
/// raised again; both while it runs. What is asked of it without handles is asked once before, as the .NET runtime itself opens files for what
/// it does for the first time, and ends the process when it cannot (docs/operations/failures.md). Linux only.
/// </summary>
public sealed class FileHandleTests
{
    private const int LimitOfOpenFiles = 7;
    private const ulong Plenty = 4096;

    [Fact]
    public async Task Without_handles_open_streams_take_puts_and_everything_works_again_with_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "prlimit is Linux's.");
        using var data = new TemporaryFolder();
        await FilledStream.FillAsync(data.Path);
        await using var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off", "--durability", "os");
        using var http = new KinesisHttp(server.Endpoint);
        await WarmUpAsync(http, data.Path);

        LowerToWhatIsOpen(server.ProcessId);
        // The active segment is open; the sealed one would have to be opened.
        (await FilledStream.PutAsync(http)).Succeeded();
        FilledStream.AssertFailed(await FilledStream.ReadOldestAsync(http));
        // A connection that nobody accepts waits in the kernel's queue.
        using var waiting = new KinesisHttp(server.Endpoint);
        var unanswered = waiting.CallAsync("ListStreams", "{}");
        (await http.CallAsync("CreateStream", new { StreamName = "later", ShardCount = 1 })).Succeeded();
        Assert.Equal("CREATING", await StatusAsync(http, "later"));
        Assert.False(unanswered.IsCompleted);
        Assert.Equal(0, await FilledStream.MetricAsync(http, "weir_log_failures_total"));
        await FilledStream.ToldAsync(server, "ulimit -n");

        SetLimit(server.ProcessId, Plenty);
        (await unanswered).Succeeded();
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
        var connections = new List<KinesisHttp>();
        try
        {
            for (var i = 0; i < allowed; i++)
            {
                connections.Add(new KinesisHttp(server.Endpoint));
                (await connections[^1].CallAsync("ListStreams", "{}")).Succeeded();
            }

            using var tooMany = new KinesisHttp(server.Endpoint);
            await Assert.ThrowsAsync<HttpRequestException>(() => tooMany.CallAsync("ListStreams", "{}"));
            await connections[0].CreateStreamAsync("served");
            Assert.Equal(1, await FilledStream.MetricAsync(connections[1], "weir_server_connections_refused_total"));
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }

    private static async Task WarmUpAsync(KinesisHttp http, string data)
    {
        for (var i = 0; i < 50; i++)
            (await FilledStream.PutAsync(http)).Succeeded();
        await http.CreateStreamAsync("early");
        (await http.CallAsync("DeleteStream", new { StreamName = "early" })).Succeeded();
        (await http.CallAsync("ListStreams", "{}")).Succeeded();
        await FilledStream.MetricAsync(http, "weir_log_failures_total");
        // A read that fails, and leaves the segment closed.
        var segment = FilledStream.Segments(data)[0];
        File.Move(segment, segment + ".away");
        FilledStream.AssertFailed(await FilledStream.ReadOldestAsync(http));
        File.Move(segment + ".away", segment);
    }

    private static async Task<string?> StatusAsync(KinesisHttp http, string stream) =>
        (await http.CallAsync("DescribeStreamSummary", new { StreamName = stream })).Succeeded().Json
            .GetProperty("StreamDescriptionSummary").GetProperty("StreamStatus").GetString();

    // The lowest numbers are given out first, so the limit has to be just above the lowest free one, whatever lies above it.
    private static void LowerToWhatIsOpen(int process)
    {
        var open = Directory.GetFileSystemEntries($"/proc/{process}/fd").Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        SetLimit(process, (ulong)Enumerable.Range(0, open.Count + 1).First(number => !open.Contains(number)));
    }

    private static void SetLimit(int process, ulong files)
    {
        var limit = new Limit(files, Plenty);
        if (SetLimit(process, LimitOfOpenFiles, in limit, 0) != 0)
            throw new InvalidOperationException($"prlimit({process}) failed: errno {Marshal.GetLastPInvokeError()}.");
    }

    private readonly record struct Limit(ulong Soft, ulong Hard);

    [DllImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static extern int SetLimit(int process, int resource, in Limit limit, nint old);
}
