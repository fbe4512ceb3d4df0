using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Weir.Cli.Tests.Commands;

/// <summary>Records in by put, out by tail, against a real server.</summary>
public sealed class PutAndTailTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task Ten_thousand_lines_come_back()
    {
        await server.DoAsync("stream", "create", "many", "--shards", "4", "--wait");
        var lines = Enumerable.Range(1, 10_000).Select(number => number.ToString(CultureInfo.InvariantCulture)).ToList();

        var (code, output, error) = await server.RunAsync(string.Join('\n', lines), "put", "many");

        Assert.Equal(0, code);
        Assert.Equal("", output);
        Assert.StartsWith("10,000 records, ", error, StringComparison.Ordinal);
        var tailed = await server.DoAsync("tail", "many", "--from", "trim-horizon", "--no-follow");
        Assert.Equal(lines.Order(StringComparer.Ordinal), tailed.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Keys_keep_their_order_across_a_split_and_a_merge()
    {
        await server.DoAsync("stream", "create", "order", "--shards", "2", "--wait");
        await PutNumbersAsync("order", 0, 600);
        await server.DoAsync("stream", "split", "order", "0", "--wait");
        await PutNumbersAsync("order", 600, 1200);
        await server.DoAsync("stream", "merge", "order", "3", "1", "--wait");
        await PutNumbersAsync("order", 1200, 1800);

        var records = (await server.DoAsync("tail", "order", "--from", "trim-horizon", "--no-follow", "--format", "json"))
            .TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();

        Assert.Equal(1800, records.Count);
        Assert.True(records.Select(record => record.GetProperty("shardId").GetString()).Distinct().Count() > 3);
        foreach (var ofKey in records.GroupBy(record => record.GetProperty("partitionKey").GetString()))
        {
            var numbers = ofKey.Select(Number).ToList();
            Assert.Equal(numbers.Order(), numbers);
        }
    }

    [Fact]
    public async Task Following_sees_what_is_put_afterwards_also_in_new_shards_and_ends_at_its_limit()
    {
        await server.DoAsync("stream", "create", "follow", "--wait");
        var output = new Pipe();
        await using var reading = output.Reader.AsStream();
        using var lines = new StreamReader(reading);
        using var tail = new CommandRun(variables: server.Variables, outputStream: output.Writer.AsStream());
        await server.RunAsync("before", "put", "follow", "--key", "k");

        // From the horizon, so that the first line proves that reading has begun.
        var following = tail.RunAsync("tail", "follow", "--from", "trim-horizon", "--limit", "3");
        Assert.Equal("before", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        await server.RunAsync("one", "put", "follow", "--key", "k");
        Assert.Equal("one", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        await server.DoAsync("stream", "split", "follow", "0", "--wait");
        await server.RunAsync("two", "put", "follow", "--key", "k");
        Assert.Equal("two", await lines.ReadLineAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, await following);
    }

    [Fact]
    public async Task A_signal_ends_following_well()
    {
        await server.DoAsync("stream", "create", "signal", "--wait");
        await server.RunAsync("x", "put", "signal");
        var output = new Pipe();
        using var tail = new CommandRun(variables: server.Variables, outputStream: output.Writer.AsStream());
        var following = tail.RunAsync("tail", "signal", "--from", "trim-horizon");
        await output.Reader.ReadAsync(TestContext.Current.CancellationToken);

        tail.Interrupt();

        Assert.Equal(0, await following);
        Assert.Equal("", tail.Error);
    }

    [Fact]
    public async Task A_reader_that_goes_away_is_no_failure()
    {
        await server.DoAsync("stream", "create", "head", "--wait");
        await server.RunAsync("x", "put", "head");
        using var tail = new CommandRun(variables: server.Variables, outputStream: new ClosedOutput());

        Assert.Equal(0, await tail.RunAsync("tail", "head", "--from", "trim-horizon"));
        Assert.Equal("", tail.Error);
    }

    [Theory]
    [InlineData("text", "hé")]
    [InlineData("hex", "68c3a9")]
    public async Task Formats_are_one_line_each(string format, string line)
    {
        var stream = "format-" + format;
        await server.DoAsync("stream", "create", stream, "--wait");
        await server.RunAsync("hé", "put", stream, "--key", "k");

        Assert.Equal(line + "\n", await server.DoAsync("tail", stream, "--from", "1h", "--no-follow", "--format", format, "--shard", "0"));
    }

    [Fact]
    public async Task A_bad_line_stops_the_put_after_the_lines_before_it()
    {
        await server.DoAsync("stream", "create", "bad", "--wait");

        var (code, output, error) = await server.RunAsync("a\t1\nb\t2\nnothing\nc\t3\n", "put", "bad", "--tsv");

        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.EndsWith("weir: line 3: no tab between key and data", error.Trim(), StringComparison.Ordinal);
        Assert.Equal("1\n2\n", await server.DoAsync("tail", "bad", "--from", "trim-horizon", "--no-follow"));
    }

    [Fact]
    public async Task No_stream_is_found_out_before_anything_is_read()
    {
        var (code, output, error) = await server.RunAsync("", "put", "nowhere");

        Assert.Equal(1, code);
        Assert.Equal("", output);
        Assert.Equal("weir: Stream nowhere under account 000000000000 not found. (ResourceNotFoundException)", error.Trim());
    }

    private async Task PutNumbersAsync(string stream, int from, int to)
    {
        var lines = string.Concat(Enumerable.Range(from, to - from).Select(number => $"key{number % 7}\t{number}\n"));
        var (code, _, error) = await server.RunAsync(lines, "put", stream, "--tsv");
        Assert.True(code == 0, error);
    }

    private static int Number(JsonElement record) =>
        int.Parse(Encoding.UTF8.GetString(record.GetProperty("data").GetBytesFromBase64()), CultureInfo.InvariantCulture);

    private sealed class ClosedOutput : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new OutputClosedException(new IOException("Broken pipe"));
    }
}
