using System.Globalization;
using System.Text.Json;
using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

/// <summary>A data directory belongs to one process at a time, and everything in it outlives that process.</summary>
public sealed class DataDirectoryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_second_server_on_the_same_directory_refuses_and_names_the_first()
    {
        using var data = new TemporaryFolder();
        await using var first = await WeirServer.StartAsync("--data", data.Path);

        var second = await ChildProcess.RunAsync(Repository.WeirProgram, ["server", "--port", "0", "--data", data.Path], Patience);

        Assert.True(second.ExitCode == 1, second.ToString());
        Assert.Empty(second.Output);
        Assert.Contains(first.ProcessId.ToString(CultureInfo.InvariantCulture), second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
        using var http = new KinesisHttp(first.Endpoint);
        (await http.CallAsync("ListStreams", "{}")).Succeeded();
        Assert.Equal(0, await first.TerminateAsync());
    }

    [Fact]
    public async Task The_directory_is_free_after_a_stop_and_after_a_kill()
    {
        using var data = new TemporaryFolder();
        await using (var stopped = await WeirServer.StartAsync("--data", data.Path))
            Assert.Equal(0, await stopped.TerminateAsync());
        await using (var killed = await WeirServer.StartAsync("--data", data.Path))
            await killed.KillAsync();
        await using var last = await WeirServer.StartAsync("--data", data.Path);
        Assert.Equal(0, await last.TerminateAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_records_and_iterators_survive_a_restart(bool clean)
    {
        using var data = new TemporaryFolder();
        string iterator;
        var acknowledged = new List<string>();
        string before;
        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            await http.CreateStreamAsync("kept", shards: 2);
            iterator = await http.IteratorAsync("kept");
            for (var i = 0; i < 50; i++)
                acknowledged.Add((await PutToFirstShardAsync(http, i)).GetProperty("SequenceNumber").GetString()!);
            before = await DescribeAsync(http);
            if (clean)
                Assert.Equal(0, await server.TerminateAsync());
            else
                await server.KillAsync();
        }

        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            Assert.Equal(before, await DescribeAsync(http));
            var page = (await http.CallAsync("GetRecords", new { ShardIterator = iterator })).Succeeded().Json;
            var read = page.GetProperty("Records").EnumerateArray().ToList();
            Assert.Equal(acknowledged, read.Select(record => record.GetProperty("SequenceNumber").GetString()));
            Assert.Equal(
                Enumerable.Range(0, 50).Select(BitConverter.GetBytes),
                read.Select(record => record.GetProperty("Data").GetBytesFromBase64()));

            var next = (await PutToFirstShardAsync(http, 50)).GetProperty("SequenceNumber").GetString()!;
            Assert.True(
                string.CompareOrdinal(next, acknowledged[^1]) > 0 && next.Length == acknowledged[^1].Length,
                $"{next} is not above {acknowledged[^1]}");
            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    [Fact]
    public async Task A_split_survives_a_restart()
    {
        using var data = new TemporaryFolder();
        string shards;
        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            await http.CreateStreamAsync("kept");
            await PutToFirstShardAsync(http, 1);
            (await http.CallAsync("SplitShard", new
            {
                StreamName = "kept",
                ShardToSplit = "shardId-000000000000",
                NewStartingHashKey = "170141183460469231731687303715884105728",
            })).Succeeded();
            await http.UntilActiveAsync("kept");
            shards = (await http.CallAsync("ListShards", """{"StreamName":"kept"}""")).Succeeded().Text;
            Assert.Equal(0, await server.TerminateAsync());
        }

        await using (var server = await WeirServer.StartAsync("--data", data.Path, "--limits", "off"))
        {
            using var http = new KinesisHttp(server.Endpoint);
            Assert.Equal(shards, (await http.CallAsync("ListShards", """{"StreamName":"kept"}""")).Succeeded().Text);
            Assert.Single(await http.ReadAllAsync("kept"));
            Assert.Equal(0, await server.TerminateAsync());
        }
    }

    [Fact]
    public async Task Nothing_but_the_ready_line_is_on_stdout()
    {
        using var data = new TemporaryFolder();
        await using var server = await WeirServer.StartAsync("--data", data.Path);
        Assert.Equal(0, await server.TerminateAsync());
        Assert.Single(server.Output);
    }

    private static async Task<JsonElement> PutToFirstShardAsync(KinesisHttp http, int number) =>
        (await http.CallAsync("PutRecord", new
        {
            StreamName = "kept",
            PartitionKey = "k",
            ExplicitHashKey = "0",
            Data = BitConverter.GetBytes(number),
        })).Succeeded().Json;

    private static async Task<string> DescribeAsync(KinesisHttp http) =>
        (await http.CallAsync("DescribeStream", """{"StreamName":"kept"}""")).Succeeded().Text;
}
