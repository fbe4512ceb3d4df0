using Weir.Conformance.Http;
using Weir.Conformance.Lifecycle;
using Weir.Conformance.Server;

namespace Weir.Conformance.Faults;

/// <summary>The file system takes no changes: from the start, or from one moment on while the server runs, as the kernel does to an ext4 whose disk fails.</summary>
public sealed class ReadOnlyDiskTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Puts_fail_at_once_reads_go_on_and_a_start_after_the_repair_has_everything()
    {
        WeirServer.Require();
        await using var disk = await SmallDisk.MountExt4Async(mebibytes: 320);
        var data = Path.Combine(disk.Path, "data");
        await FilledStream.FillAsync(data);
        var acknowledged = new List<string>();
        await using (var server = await WeirServer.StartAsync("--data", data, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            await http.CreateStreamAsync("other");
            for (var i = 0; i < 5; i++)
                acknowledged.Add(await http.PutAsync("other", "k", [1]));

            await disk.FailAsync();
            for (var i = 0; i < 3; i++)
                FilledStream.AssertFailed(await FilledStream.PutAsync(http, "other"));
            FilledStream.AssertFailed(await http.CallAsync("CreateStream", new { StreamName = "third", ShardCount = 1 }));
            // A segment that nobody had open, too.
            Assert.Equal(10, (await FilledStream.ReadOldestAsync(http)).Succeeded().Json.GetProperty("Records").GetArrayLength());
            Assert.Equal(acknowledged, await NumbersAsync(http));
            Assert.Equal(1, await FilledStream.MetricAsync(http, "weir_log_failures_total"));
            await FilledStream.ToldAsync(server, "Remove the cause, then restart the server.");
            await server.TerminateAsync();
        }

        await disk.MountAgainAsync();
        await using (var server = await WeirServer.StartAsync("--data", data, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            Assert.Equal(acknowledged, (await NumbersAsync(http)).Take(acknowledged.Count));
            (await FilledStream.PutAsync(http, "other")).Succeeded();
            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    [Fact]
    public async Task A_start_says_that_the_directory_cannot_be_written_to_and_not_that_somebody_has_it()
    {
        WeirServer.Require();
        await using var disk = await SmallDisk.MountAsync(mebibytes: 64);
        var data = Path.Combine(disk.Path, "data");
        await using (var server = await WeirServer.StartAsync("--data", data))
            Assert.Equal(0, await server.TerminateAsync());
        await disk.MakeReadOnlyAsync();

        foreach (var directory in new[] { data, Path.Combine(disk.Path, "new") })
        {
            var start = await ChildProcess.RunAsync(Repository.WeirProgram, ["server", "--port", "0", "--data", directory], Patience);
            Assert.True(start.ExitCode == 1, start.ToString());
            Assert.Contains($"The data directory {directory} cannot be written to", start.Error, StringComparison.Ordinal);
            Assert.Contains("Read-only file system", start.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("in use", start.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", start.Error, StringComparison.Ordinal);
        }
    }

    private static async Task<IEnumerable<string?>> NumbersAsync(KinesisHttp http) =>
        (await http.ReadAllAsync("other")).Select(record => record.GetProperty("SequenceNumber").GetString());
}
