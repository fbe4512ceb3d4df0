using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Weir.Cli.Commands;
using Weir.Cli.Put;
using Weir.Client;
using Weir.Protocol.Aggregation;
using Weir.Protocol.Messages;
using Weir.Server;
using Record = Weir.Protocol.Messages.Record;

namespace Weir.Cli.Tests.Commands;

/// <summary><c>weir put</c> against servers with and without rates, read back record by record.</summary>
public sealed class PutCommandTests(LocalServer server) : IClassFixture<LocalServer>, IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weir-cli-tests-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Aggregated_lines_come_back_with_their_keys_and_in_their_order()
    {
        await server.DoAsync("stream", "create", "aggregate", "--shards", "2", "--wait");
        var lines = Enumerable.Range(0, 10_000).Select(number => (Key: $"key{number % 17}", Number: number)).ToList();

        var (code, output, error) = await server.RunAsync(Tsv(lines), "put", "aggregate", "--tsv", "--aggregate");

        Assert.Equal((0, ""), (code, output));
        using var client = Connect(server.Endpoint);
        var records = await RecordsAsync(client, "aggregate");
        var found = records.SelectMany(UserRecords).ToList();
        Assert.Equal(lines.Order(), found.Order());
        AssertOrder(found);
        Assert.True(records.Count < 100);
        Assert.StartsWith($"10,000 records in {records.Count} of the stream, ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unordered_lines_come_back_too()
    {
        await server.DoAsync("stream", "create", "unordered", "--shards", "3", "--wait");
        var lines = Enumerable.Range(0, 5000).Select(number => (Key: $"key{number % 7}", Number: number)).ToList();

        var (code, _, error) = await server.RunAsync(Tsv(lines), "put", "unordered", "--tsv", "--unordered");

        Assert.True(code == 0, error);
        using var client = Connect(server.Endpoint);
        Assert.Equal(lines.Order(), (await RecordsAsync(client, "unordered")).SelectMany(UserRecords).Order());
    }

    [Fact]
    public async Task A_line_is_put_at_once_while_the_input_stays_open()
    {
        await server.DoAsync("stream", "create", "trickle", "--wait");
        using var client = Connect(server.Endpoint);
        var input = new Pipe();
        using var run = new CommandRun(variables: server.Variables, inputStream: input.Reader.AsStream());
        var putting = run.RunAsync("put", "trickle", "--key", "k", "--aggregate");

        for (var number = 1; number <= 3; number++)
        {
            await WriteAsync(input, $"{number}\n");
            await StoredAsync(client, "trickle", atLeast: number);
        }

        await input.Writer.CompleteAsync();
        Assert.Equal(0, await putting);
    }

    [Fact]
    public async Task Two_puts_that_throttle_each_other_keep_their_orders()
    {
        // Goal: throttles change no key's order. Method: two puts give one shard, which takes 1,000 records a second, 1,500 of few keys each.
        await using var limited = await WeirServer.StartAsync(new WeirServerOptions { Port = 0, DataDirectory = null }, TestContext.Current.CancellationToken);
        using var client = Connect(Connection.Name(limited.Endpoint));
        await CreateAsync(client, "throttled");
        var lines = Enumerable.Range(0, 3000).Select(number => (Key: $"key{number % 2}-{number % 51}", Number: number)).ToList();

        var codes = await Task.WhenAll(Enumerable.Range(0, 2).Select(async half =>
        {
            using var run = new CommandRun(Tsv(lines.Where(line => line.Number % 2 == half)));
            return (Code: await run.RunAsync("put", "throttled", "--tsv", "--endpoint", Connection.Name(limited.Endpoint)), run.Error);
        }));

        Assert.All(codes, one => Assert.True(one.Code == 0, one.Error));
        var found = (await RecordsAsync(client, "throttled")).SelectMany(UserRecords).ToList();
        Assert.Equal(lines.Order(), found.Order());
        AssertOrder(found);
    }

    [Fact]
    public async Task Who_may_only_put_is_throttled_and_keeps_the_order()
    {
        // Such a put knows no shards, so it cannot pace itself: 2,500 records meet a shard that takes 1,000 a second.
        var owner = await AddKeyAsync();
        var putter = await AddKeyAsync("--allow", "PutRecords");
        await using var secure = await WeirServer.StartAsync(
            new WeirServerOptions { Port = 0, DataDirectory = null, CredentialsFile = CredentialsFile }, TestContext.Current.CancellationToken);
        using var all = Connect(Connection.Name(secure.Endpoint), owner);
        using var puts = Connect(Connection.Name(secure.Endpoint), putter);
        await CreateAsync(all, "secure");
        var lines = Enumerable.Range(0, 2500).Select(number => (Key: $"key{number % 499}", Number: number)).ToList();

        var error = await PutAsync(puts, new PutPlan("secure", LineFormat.Tab(), Aggregate: true, Unordered: false), Tsv(lines));

        var found = (await RecordsAsync(all, "secure")).SelectMany(UserRecords).ToList();
        Assert.Equal(lines.Order(), found.Order());
        AssertOrder(found);
        // Without the shards nothing can share a record.
        Assert.StartsWith("2,500 records in 2,500 of the stream, ", error, StringComparison.Ordinal);
        Assert.DoesNotContain(", 0 sent again", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_a_signal_what_was_read_is_put_first()
    {
        // Method: the shard needs two seconds for what was read, the input stays open, and the signal comes when it has taken the first.
        await using var limited = await WeirServer.StartAsync(new WeirServerOptions { Port = 0, DataDirectory = null }, TestContext.Current.CancellationToken);
        using var client = Connect(Connection.Name(limited.Endpoint));
        await CreateAsync(client, "signal");
        var input = new Pipe();
        using var run = new CommandRun(inputStream: input.Reader.AsStream());
        await WriteAsync(input, string.Concat(Enumerable.Range(0, 2500).Select(number => $"key{number}\t{number}\n")));
        var putting = run.RunAsync("put", "signal", "--tsv", "--endpoint", Connection.Name(limited.Endpoint));
        await StoredAsync(client, "signal", atLeast: 1);

        run.Interrupt();

        Assert.Equal(1, await putting);
        var stored = (await RecordsAsync(client, "signal")).SelectMany(UserRecords).Select(record => record.Number).ToList();
        Assert.Equal(Enumerable.Range(0, stored.Count), stored);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{stored.Count:N0} records, "), run.Error, StringComparison.Ordinal);
        Assert.EndsWith("weir: interrupted", run.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_started_anew_is_ridden_over()
    {
        var options = new WeirServerOptions { Port = 0, DataDirectory = _directory.FullName, EnforceLimits = false };
        var first = await WeirServer.StartAsync(options, TestContext.Current.CancellationToken);
        var endpoint = Connection.Name(first.Endpoint);
        using var client = Connect(endpoint);
        await CreateAsync(client, "restart");
        var input = new Pipe();
        using var run = new CommandRun(inputStream: input.Reader.AsStream());
        var putting = run.RunAsync("put", "restart", "--tsv", "--endpoint", endpoint);
        await WriteAsync(input, "a\t0\n");
        await StoredAsync(client, "restart", atLeast: 1);

        await first.DisposeAsync();
        await WriteAsync(input, string.Concat(Enumerable.Range(1, 2000).Select(number => $"a{number % 300}\t{number}\n")));
        await input.Writer.CompleteAsync();
        await using var second = await WeirServer.StartAsync(
            new WeirServerOptions { Port = new Uri(endpoint).Port, DataDirectory = _directory.FullName, EnforceLimits = false }, TestContext.Current.CancellationToken);

        Assert.True(await putting == 0, run.Error);
        var found = (await RecordsAsync(client, "restart")).SelectMany(UserRecords).ToList();
        Assert.Equal(Enumerable.Range(0, 2001), found.Select(record => record.Number).Distinct().Order());
    }

    [Fact]
    public async Task A_stream_that_is_deleted_meanwhile_ends_the_put_although_no_more_lines_come()
    {
        await server.DoAsync("stream", "create", "deleted", "--wait");
        using var client = Connect(server.Endpoint);
        var input = new Pipe();
        using var run = new CommandRun(variables: server.Variables, inputStream: input.Reader.AsStream());
        var putting = run.RunAsync("put", "deleted", "--key", "k");
        await WriteAsync(input, "1\n");
        await StoredAsync(client, "deleted", atLeast: 1);
        await server.DoAsync("stream", "delete", "deleted", "--wait");
        await WriteAsync(input, "2\n3\n");

        Assert.Equal(1, await putting);
        Assert.Matches(new Regex(@"weir: 2 lines were not put \(2 to 3\), and none after line 3: .*ResourceNotFoundException"), run.Error);
    }

    private string CredentialsFile => Path.Combine(_directory.FullName, "credentials.json");

    private async Task<AWSCredentials> AddKeyAsync(params string[] options)
    {
        using var run = new CommandRun();
        Assert.True(await run.RunAsync(["credentials", "add", "--file", CredentialsFile, "--json", .. options]) == 0, run.Error);
        using var key = JsonDocument.Parse(run.Output);
        return new BasicAWSCredentials(key.RootElement.GetProperty("accessKeyId").GetString(), key.RootElement.GetProperty("secretAccessKey").GetString());
    }

    // As the command does, with a principal of the test's own.
    private static async Task<string> PutAsync(KinesisClient client, PutPlan plan, string input)
    {
        await using var error = new StringWriter();
        using var shell = new Shell
        {
            In = new MemoryStream(Encoding.UTF8.GetBytes(input)), Out = Stream.Null, OutText = TextWriter.Null, Error = error, Variable = _ => null, Seed = 7,
        };
        await PutCommand.PutAsync(shell, client, plan, asksServer: true);
        return error.ToString();
    }

    private static KinesisClient Connect(string endpoint, AWSCredentials? credentials = null) =>
        new(new KinesisClientOptions { Endpoint = new Uri(endpoint), Region = "us-east-1", Credentials = credentials });

    private static async Task CreateAsync(KinesisClient client, string stream)
    {
        await client.CreateStreamAsync(new CreateStreamRequest { StreamName = stream, ShardCount = 1 }, TestContext.Current.CancellationToken);
        while ((await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, TestContext.Current.CancellationToken))
            .StreamDescriptionSummary!.StreamStatus != "ACTIVE")
            await Task.Yield();
    }

    private static async Task WriteAsync(Pipe input, string text) =>
        await input.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);

    private static async Task StoredAsync(KinesisClient client, string stream, int atLeast)
    {
        while ((await RecordsAsync(client, stream)).Count < atLeast)
            await Task.Yield();
    }

    private static async Task<List<Record>> RecordsAsync(KinesisClient client, string stream)
    {
        var records = new List<Record>();
        foreach (var shard in (await client.ListShardsAsync(new ListShardsRequest { StreamName = stream }, TestContext.Current.CancellationToken)).Shards!)
        {
            var from = new GetShardIteratorRequest { StreamName = stream, ShardId = shard.ShardId, ShardIteratorType = "TRIM_HORIZON" };
            var iterator = (await UntilTakenAsync(() => client.GetShardIteratorAsync(from, TestContext.Current.CancellationToken))).ShardIterator;
            while (iterator is not null)
            {
                var request = new GetRecordsRequest { ShardIterator = iterator };
                var page = await UntilTakenAsync(() => client.GetRecordsAsync(request, TestContext.Current.CancellationToken));
                records.AddRange(page.Records!);
                if (page.Records!.Count == 0 && page.MillisBehindLatest == 0)
                    break;
                iterator = page.NextShardIterator;
            }
        }

        return records;
    }

    // A server with rates takes five reads a second. The client itself pauses between its attempts.
    private static async Task<T> UntilTakenAsync<T>(Func<Task<T>> read)
    {
        while (true)
        {
            try
            {
                return await read();
            }
            catch (KinesisThroughputExceededException)
            {
                await Task.Yield();
            }
        }
    }

    private static IEnumerable<(string Key, int Number)> UserRecords(Record record) =>
        AggregatedRecordReader.TryRead(record.Data!.Value, out var inner)
            ? inner.Select(one => (one.PartitionKey, NumberOf(one.Data)))
            : [(record.PartitionKey!, NumberOf(record.Data.Value))];

    private static int NumberOf(ReadOnlyMemory<byte> data) => int.Parse(data.Span, CultureInfo.InvariantCulture);

    private static string Tsv(IEnumerable<(string Key, int Number)> lines) => string.Concat(lines.Select(line => $"{line.Key}\t{line.Number}\n"));

    private static void AssertOrder(IEnumerable<(string Key, int Number)> records)
    {
        foreach (var ofKey in records.GroupBy(record => record.Key, record => record.Number))
            Assert.Equal(ofKey.Order(), ofKey);
    }
}
