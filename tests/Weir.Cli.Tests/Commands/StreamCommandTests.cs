using System.Text.Json;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Model;
using Weir.Protocol.Messages;
using HashKeyRange = Weir.Model.HashKeyRange;

namespace Weir.Cli.Tests.Commands;

public sealed class StreamCommandTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task A_streams_life()
    {
        Assert.Equal("Stream life is there, with 3 shards.\n", await server.DoAsync("stream", "create", "life", "--shards", "3", "--wait"));
        Assert.Contains("\nlife ", await server.DoAsync("stream", "list"), StringComparison.Ordinal);
        Assert.Equal(
            "shardId-000000000003  16.7 %\nshardId-000000000004  16.7 %\n", await server.DoAsync("stream", "split", "life", "1", "--wait"));
        // The upper one first: to a person they are neighbours either way.
        Assert.Equal("shardId-000000000005  50.0 %\n", await server.DoAsync("stream", "merge", "life", "shardId-000000000003", "0", "--wait"));

        var lines = (await server.DoAsync("stream", "describe", "life")).TrimEnd().Split('\n');
        Assert.Equal("shardId-000000000005  OPEN    50.0 %    0.0 % - 50.0 %  shardId-000000000000, shardId-000000000003", lines[^1]);
        Assert.Equal(14, lines.Length);
        using var json = JsonDocument.Parse(await server.DoAsync("stream", "describe", "life", "--open", "--json"));
        Assert.Equal(3, json.RootElement.GetProperty("openShards").GetInt32());
        Assert.Equal(3, json.RootElement.GetProperty("shards").GetArrayLength());

        Assert.Equal("Stream life is gone.\n", await server.DoAsync("stream", "delete", "life", "--wait"));
        Assert.Equal(1, (await server.RunAsync("", "stream", "describe", "life")).Code);
    }

    [Fact]
    public async Task An_encrypted_stream_shows_its_key()
    {
        await server.DoAsync("stream", "create", "secret", "--wait");
        Assert.DoesNotContain("Encrypted", await server.DoAsync("stream", "describe", "secret"), StringComparison.Ordinal);
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri(server.Endpoint) });
        await client.SendAsync<StartStreamEncryptionRequest, StartStreamEncryptionResponse>(
            new StartStreamEncryptionRequest { StreamName = "secret", EncryptionType = EncryptionTypes.Kms, KeyId = "alias/own" }, TestContext.Current.CancellationToken);
        Assert.Contains("\nEncrypted  alias/own\n", await server.DoAsync("stream", "describe", "secret"), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await server.DoAsync("stream", "describe", "secret", "--json"));
        Assert.Equal("alias/own", json.RootElement.GetProperty("keyId").GetString());
    }

    [Fact]
    public async Task A_refusal_is_the_servers_own_text_and_leaves_standard_output_empty()
    {
        await server.DoAsync("stream", "create", "twice", "--wait");

        var (code, output, error) = await server.RunAsync("", "stream", "create", "twice");

        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Equal("weir: Stream twice under account 000000000000 already exists. (ResourceInUseException)", error.Trim());
    }

    [Theory]
    [InlineData("'x' names no shard: expected shardId-000000000003, shardId-3 or 3.", "x")]
    [InlineData("Stream shardless has no shardId-000000000009.", "9")]
    public async Task A_shard_that_is_not_there_is_refused(string message, string shard)
    {
        await server.RunAsync("", "stream", "create", "shardless", "--wait");

        var (code, _, error) = await server.RunAsync("", "stream", "split", "shardless", shard);

        Assert.Equal(1, code);
        Assert.Equal($"weir: {message}", error.Trim());
    }

    [Fact]
    public void The_middle_of_a_range_can_be_split_at()
    {
        foreach (var range in HashKeyRange.Uniform(7).Append(HashKeyRange.Whole).Append(new HashKeyRange(new HashKey(10), new HashKey(13))))
        {
            var middle = SplitShardCommand.Middle(range);
            Assert.True(range.CanSplitAt(middle), $"{range.Start}..{range.End} at {middle}");
        }

        Assert.Equal(new HashKey(UInt128.One << 127), SplitShardCommand.Middle(HashKeyRange.Whole));
    }
}
