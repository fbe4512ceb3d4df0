using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <remarks>
/// Goal: readers that stop reading cost a bounded memory and nobody else's time. Method: twenty consumers subscribe to each of fifty shards of a
/// real server, each over a connection of its own, with records waiting for them; 500 of the 1,000 never read a byte. The others have to get everything that waits, and
/// then a fresh record, while the server's memory stays within its bounds.
/// </remarks>
public sealed class ThousandSubscribersTests(ThousandSubscribersTests.Server fixture, ITestOutputHelper output) : IClassFixture<ThousandSubscribersTests.Server>
{
    private const string Stream = "thousand";
    private const string Arn = "arn:aws:kinesis:us-east-1:000000000000:stream/" + Stream;
    private const int Shards = 50;
    private const int Consumers = 20;
    private const int WaitingRecords = 20;
    private const int RecordBytes = 20_000;

    // What events may hold at most under the server's limit (docs/adr/0013-subscriptions.md), and 100 KiB for each connection and its tasks.
    private const long MostGrowth = (126L * 1024 * 1024) + (Shards * Consumers * 100 * 1024);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_thousand_subscribers_of_which_half_never_read_hold_a_bounded_memory_and_the_others_are_served()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        await http.CreateStreamAsync(Stream, Shards);
        var consumers = new List<string>();
        for (var i = 0; i < Consumers; i++)
        {
            var registered = await http.CallAsync("RegisterStreamConsumer", new { StreamARN = Arn, ConsumerName = $"consumer-{i}" });
            consumers.Add(registered.Succeeded().Json.GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!);
        }

        for (var i = 0; i < WaitingRecords; i++)
            await PutToEachShardAsync(http, new byte[RecordBytes]);
        var before = ResidentBytes();
        var subscriptions = new List<EventFrames>();
        try
        {
            foreach (var consumer in consumers)
            {
                subscriptions.AddRange(await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => EventFrames.SubscribeAsync(
                    fixture.Endpoint, new { ConsumerARN = consumer, ShardId = ShardId(shard), StartingPosition = new { Type = "TRIM_HORIZON" } }))));
            }

            await ServeAsync(http, [.. subscriptions.Where((_, i) => i % 2 == 1)], before);
        }
        finally
        {
            subscriptions.ForEach(subscription => subscription.Dispose());
        }
    }

    private async Task ServeAsync(KinesisHttp http, List<EventFrames> readers, long before)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(readers.Select(reader => ReadAsync(reader, WaitingRecords))).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var caughtUp = watch.Elapsed;
        var fresh = readers.Select(reader => ReadAsync(reader, 1)).ToList();
        watch.Restart();
        await PutToEachShardAsync(http, [1]);
        var put = watch.Elapsed;
        await Task.WhenAll(fresh).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var growth = ResidentBytes() - before;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{readers.Count} readers beside as many silent ones: {WaitingRecords} records each in {caughtUp.TotalSeconds:0.0} s; a fresh record put to {Shards} shards in {put.TotalMilliseconds:0} ms had reached all {watch.Elapsed.TotalMilliseconds - put.TotalMilliseconds:0} ms later; memory {before >> 20} MiB and {growth >> 20} more."));
        Assert.InRange(growth, long.MinValue, MostGrowth);
    }

    private static async Task ReadAsync(EventFrames subscription, int records)
    {
        while (records > 0)
        {
            var (headers, payload) = await subscription.NextAsync() ?? throw new InvalidDataException("The subscription has ended.");
            Assert.False(headers.ContainsKey(":exception-type"), payload.ToString());
            if (payload.TryGetProperty("Records", out var given))
                records -= given.GetArrayLength();
        }

        Assert.Equal(0, records);
    }

    private static async Task PutToEachShardAsync(KinesisHttp http, byte[] data)
    {
        var width = BigInteger.Pow(2, 128) / Shards;
        var records = Enumerable.Range(0, Shards).Select(shard => new { PartitionKey = "k", ExplicitHashKey = (width * shard).ToString(CultureInfo.InvariantCulture), Data = data });
        var put = (await http.CallAsync("PutRecords", new { StreamName = Stream, Records = records })).Succeeded().Json;
        Assert.Equal(0, put.GetProperty("FailedRecordCount").GetInt32());
        Assert.Equal(Shards, put.GetProperty("Records").EnumerateArray().Select(record => record.GetProperty("ShardId").GetString()).Distinct().Count());
    }

    private static string ShardId(int number) => string.Create(CultureInfo.InvariantCulture, $"shardId-{number:D12}");

    private long ResidentBytes()
    {
        using var process = Process.GetProcessById(fixture.Server.ProcessId);
        return process.WorkingSet64;
    }

    /// <summary>With the least round limit of memory that has room for so many, whatever the machine has.</summary>
    public sealed class Server : ServerFixture
    {
        protected override string[] Options => ["--limits", "off", "--memory-limit", "1GiB"];
    }
}
