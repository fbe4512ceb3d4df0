using System.Text.Json;
using Weir.Server;

namespace Weir.Cli.Tests.Commands;

public sealed class DataCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-data-").FullName;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_running_servers_directory_is_verified_inspected_and_backed_up_and_the_copy_serves_the_same_records()
    {
        await using (var server = await StartAsync(Data))
        {
            await RunAsync(0, "stream", "create", "orders", "--shards", "2", "--endpoint", Connection.Name(server.Endpoint));
            await PutAsync("a\nb\nc\n", "put", "orders", "--endpoint", Connection.Name(server.Endpoint));
            Assert.Contains("No damage.", await RunAsync(0, "data", "verify", "--data", Data), StringComparison.Ordinal);
            Assert.Contains("checked: no damage", await RunAsync(0, "data", "backup", Path.Combine(_directory, "copy"), "--data", Data), StringComparison.Ordinal);
            Assert.Contains("ACTIVE", await RunAsync(0, "data", "inspect", "--data", Data), StringComparison.Ordinal);
        }

        await using var restored = await StartAsync(Path.Combine(_directory, "copy"));
        var records = await RunAsync(0, "tail", "orders", "--from", "trim-horizon", "--no-follow", "--endpoint", Connection.Name(restored.Endpoint));
        Assert.Equal(["a", "b", "c"], records.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Inspecting_a_stream_shows_its_segments_and_its_shards_as_the_API_has_them()
    {
        await using var server = await StartAsync(Data);
        await RunAsync(0, "stream", "create", "orders", "--shards", "2", "--endpoint", Connection.Name(server.Endpoint));
        await PutAsync("a\nb\nc\n", "put", "orders", "--endpoint", Connection.Name(server.Endpoint));
        var described = JsonSerializer.Deserialize<JsonElement>(
            await RunAsync(0, "stream", "describe", "orders", "--json", "--endpoint", Connection.Name(server.Endpoint))).GetProperty("shards");
        var stream = JsonSerializer.Deserialize<JsonElement>(await RunAsync(0, "data", "inspect", "--stream", "orders", "--json", "--data", Data)).GetProperty("streams")[0];
        Assert.Equal(3, stream.GetProperty("segments").EnumerateArray().Sum(segment => segment.GetProperty("records").GetInt64()));
        foreach (var (stored, shard) in stream.GetProperty("shards").EnumerateArray().Zip(described.EnumerateArray()))
        {
            foreach (var member in (string[])["shardId", "state", "startingHashKey", "endingHashKey", "startingSequenceNumber"])
                Assert.Equal(shard.GetProperty(member).GetString(), stored.GetProperty(member).GetString());
        }

        var text = await RunAsync(0, "data", "inspect", "--stream", "orders", "--data", Data);
        Assert.Contains("active", text, StringComparison.Ordinal);
        Assert.Contains("shardId-000000000001", text, StringComparison.Ordinal);
        await RunAsync(1, "data", "inspect", "--stream", "nothing", "--data", Data);
    }

    [Fact]
    public async Task What_was_trimmed_or_deleted_is_shown_until_its_room_is_back_and_is_no_damage()
    {
        await using (var server = await StartAsync(Data))
        {
            await RunAsync(0, "stream", "create", "orders", "--endpoint", Connection.Name(server.Endpoint));
            Assert.DoesNotContain("still take room", await RunAsync(0, "data", "inspect", "--data", Data), StringComparison.Ordinal);
        }

        // As a server leaves it that stops while it gives room back.
        var discarded = Directory.CreateDirectory(Path.Combine(Data, "logs", "discarded"));
        var deleted = discarded.CreateSubdirectory("0000000007");
        await File.WriteAllBytesAsync(Path.Combine(discarded.FullName, "0000000001-00000000000000000000.segment.discarded"), new byte[1_000_000], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(deleted.FullName, "00000000000000000000.segment"), new byte[500_000], TestContext.Current.CancellationToken);
        Assert.Contains("1.5 MB that were trimmed or deleted still take room", await RunAsync(0, "data", "inspect", "--data", Data), StringComparison.Ordinal);
        Assert.Equal(
            1_500_000, JsonSerializer.Deserialize<JsonElement>(await RunAsync(0, "data", "inspect", "--json", "--data", Data)).GetProperty("discardedBytes").GetInt64());
        Assert.Contains("No damage.", await RunAsync(0, "data", "verify", "--data", Data), StringComparison.Ordinal);
        await RunAsync(0, "data", "backup", Path.Combine(_directory, "copy"), "--data", Data);
        Assert.False(Directory.Exists(Path.Combine(_directory, "copy", "logs", "discarded")));

        await using (await StartAsync(Data))
        {
            while (discarded.EnumerateFileSystemInfos().Any())
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Damage_ends_a_verification_with_1_and_names_file_offset_stream_and_what_to_do()
    {
        await using (var server = await StartAsync(Data))
        {
            await RunAsync(0, "stream", "create", "orders", "--endpoint", Connection.Name(server.Endpoint));
            await PutAsync("a\n", "put", "orders", "--endpoint", Connection.Name(server.Endpoint));
            await PutAsync("b\n", "put", "orders", "--endpoint", Connection.Name(server.Endpoint));
        }

        var file = Assert.Single(Directory.GetFiles(Path.Combine(Data, "logs"), "*", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        // The first record's frame comes behind the header and an empty table, of 64 bytes each.
        bytes[128 + 70] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var text = await RunAsync(1, "data", "verify", "--data", Data);
        Assert.Contains($"DAMAGE  us-east-1/orders  {file} at 128", text, StringComparison.Ordinal);
        Assert.Contains("affected  shardId-000000000000, 1 record, sequence numbers from ", text, StringComparison.Ordinal);
        Assert.Contains("1 damaged place.", text, StringComparison.Ordinal);
        var json = JsonSerializer.Deserialize<JsonElement>(await RunAsync(1, "data", "verify", "--json", "--data", Data));
        Assert.True(json.GetProperty("damaged").GetBoolean());
        Assert.Equal(128, json.GetProperty("findings")[0].GetProperty("offset").GetInt64());
        await RunAsync(1, "data", "backup", Path.Combine(_directory, "copy"), "--data", Data);
        Assert.False(Directory.Exists(Path.Combine(_directory, "copy")));
        await RunAsync(0, "data", "backup", Path.Combine(_directory, "as-it-is"), "--no-verify", "--data", Data);
        await RunAsync(1, "data", "verify", "--data", Path.Combine(_directory, "as-it-is"));
    }

    [Fact]
    public async Task A_directory_that_is_none_of_a_servers_is_refused()
    {
        await RunAsync(1, "data", "verify", "--data", Path.Combine(_directory, "none"));
        await RunAsync(1, "data", "backup", Path.Combine(_directory, "copy"), "--data", _directory);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    private static Task<WeirServer> StartAsync(string data) => WeirServer.StartAsync(
        new WeirServerOptions { Port = 0, DataDirectory = data, EnforceLimits = false }, TestContext.Current.CancellationToken);

    private static Task<string> RunAsync(int code, params string[] arguments) => RunAsync(code, input: "", arguments);

    private static Task<string> PutAsync(string input, params string[] arguments) => RunAsync(0, input, arguments);

    private static async Task<string> RunAsync(int code, string input, string[] arguments)
    {
        using var run = new CommandRun(input);
        var got = await run.RunAsync(arguments);
        Assert.True(got == code, $"{string.Join(' ', arguments)}: {got}\n{run.Output}\n{run.Error}");
        return run.Output;
    }
}
