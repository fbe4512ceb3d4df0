using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Weir.Client;
using Weir.Protocol.Aggregation;

namespace Weir.Producer.Tests.Faults;

/// <summary>
/// The producer before a stream that fails, throttles, loses answers and reshards, by seed. Whatever happens, every record is stored and
/// found by a consumer that goes by the KCL's rule, where its result says; only what was not stored is sent again; and with order kept, the
/// records of a key come in the order in which they were put.
/// </summary>
public sealed class FaultTests
{
    private const int Seeds = 200, Records = 400, Keys = 25;

    // A minute of the producer's takes a second.
    private const int Speed = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public Task Nothing_is_lost_and_only_what_failed_goes_again() => RunAsync(
        keepOrder: false, new FaultPlan { FailedRequests = 0.15, RefusedRecords = 0.2 }, mayRepeat: false);

    [Fact]
    public Task Lost_answers_repeat_records_and_lose_none() => RunAsync(
        keepOrder: false, new FaultPlan { FailedRequests = 0.1, LostAnswers = 0.15, RefusedRecords = 0.1, Reshards = 0.1 }, mayRepeat: true);

    [Fact]
    public Task Reshards_lose_nothing_and_repeat_nothing() => RunAsync(keepOrder: false, new FaultPlan { Reshards = 0.2 }, mayRepeat: false);

    [Fact]
    public Task Kept_order_survives_everything() => RunAsync(
        keepOrder: true, new FaultPlan { FailedRequests = 0.1, LostAnswers = 0.1, RefusedRecords = 0.15, Reshards = 0.1 }, mayRepeat: true);

    [Fact]
    public Task Kept_order_without_lost_answers_repeats_nothing() => RunAsync(
        keepOrder: true, new FaultPlan { FailedRequests = 0.1, RefusedRecords = 0.2 }, mayRepeat: false);

    private static async Task RunAsync(bool keepOrder, FaultPlan plan, bool mayRepeat)
    {
        var failures = new ConcurrentBag<string>();
        var (requests, faults, reshards) = (0, 0, 0);
        await Parallel.ForAsync(0, Seeds, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (seed, _) =>
        {
            try
            {
                var counts = await RunAsync(seed, keepOrder, plan, mayRepeat);
                Interlocked.Add(ref requests, counts.Requests);
                Interlocked.Add(ref faults, counts.Faults);
                Interlocked.Add(ref reshards, counts.Reshards);
            }
            catch (Exception exception)
            {
                failures.Add($"seed {seed}: {exception.Message}");
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Seeds} seeds of {Records} records: {requests} requests, {faults} faults, {reshards} reshards, {failures.Count} failures");
        Assert.True(failures.IsEmpty, string.Join('\n', failures.Order(StringComparer.Ordinal).Take(5)));
    }

    private static async Task<(int Requests, int Faults, int Reshards)> RunAsync(int seed, bool keepOrder, FaultPlan plan, bool mayRepeat)
    {
        var time = new ScaledTimeProvider(Speed);
        using var stream = new FaultyStream(seed, plan, time);
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = new Uri("http://127.0.0.1:4567"),
            Region = "us-east-1",
            MessageHandler = stream,
            TimeProvider = time,
            AttemptTimeout = TimeSpan.FromHours(1),
            Random = new Random(seed),
        });
        var random = new Random(seed + 1000);
        await using var producer = new KinesisProducer(client, new ProducerOptions
        {
            StreamName = "stream",
            Aggregate = seed % 5 != 0,
            MaxAggregateBytes = 4_000,
            MaxBufferedBytes = 96 * 1024,
            MaxBufferedTime = TimeSpan.FromMilliseconds(random.Next(0, 200)),
            MaxRequestsInFlight = random.Next(1, 6),
            TimeToLive = TimeSpan.FromHours(20),
            // So little that shards hold their records back, and some of them through a reshard.
            RateLimitPercent = random.Next(5, 100),
            MaxShardBacklog = TimeSpan.FromMilliseconds(250),
            DrainTime = TimeSpan.Zero,
            KeepOrder = keepOrder,
            TimeProvider = time,
            Random = new Random(seed),
        });
        var next = new int[Keys];
        var puts = new List<(string Key, int Number, byte[] Data, Task<PutResult> Result)>();
        for (var i = 0; i < Records; i++)
        {
            var key = random.Next(Keys);
            var number = next[key]++;
            var data = Data($"{key}:{number}", random);
            puts.Add(($"key-{key}", number, data, producer.PutAsync($"key-{key}", data).AsTask()));
            if (random.Next(50) == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100)), time);
        }

        await Task.WhenAll(puts.Select(put => put.Result)).WaitAsync(Patience);
        await producer.FlushAsync().WaitAsync(Patience);
        Assert.Equal((0L, 0), (producer.BufferedBytes, producer.WaitingRecords));
        Check(stream, puts, keepOrder, mayRepeat);
        return stream.Counts;
    }

    private static void Check(
        FaultyStream stream, List<(string Key, int Number, byte[] Data, Task<PutResult> Result)> puts, bool keepOrder, bool mayRepeat)
    {
        var stored = stream.Stored;
        var bySequenceNumber = stored.ToDictionary(record => record.SequenceNumber);
        var delivered = stored.Where(record => record.IsDelivered).SelectMany(record => record.UserRecords).ToList();
        var counts = delivered.CountBy(record => FaultyStream.NameOf(record.Data.Span)).ToDictionary();
        foreach (var (key, _, data, put) in puts)
        {
            var result = put.Result;
            var name = FaultyStream.NameOf(data);
            var record = bySequenceNumber[result.SequenceNumber!];
            var userRecord = record.UserRecords[result.SubSequenceNumber ?? 0];
            Assert.True(record.ShardId == result.ShardId && record.IsDelivered, $"{name} is not where its result says, or no consumer finds it.");
            Assert.Equal(key, userRecord.PartitionKey);
            Assert.True(userRecord.Data.Span.SequenceEqual(data), $"{name} has other data.");
            Assert.True(result.Attempts[^1].Succeeded && result.Attempts.SkipLast(1).All(attempt => !attempt.Succeeded), $"{name}: {result.Attempts}");
            Assert.True(mayRepeat || counts[name] == 1, $"{name} was delivered {counts[name]} times.");
        }

        Assert.True(mayRepeat || stream.NeedlesslySent == 0, $"{stream.NeedlesslySent} records were sent again although they were known to be stored.");
        if (keepOrder)
            CheckOrder(delivered);
    }

    // A repetition may come later; the first of each record decides.
    private static void CheckOrder(IEnumerable<UserRecord> delivered)
    {
        var last = new Dictionary<string, int>();
        var seen = new HashSet<string>();
        foreach (var record in delivered)
        {
            var name = FaultyStream.NameOf(record.Data.Span);
            if (!seen.Add(name))
                continue;
            var number = int.Parse(name.Split(':')[1], CultureInfo.InvariantCulture);
            Assert.True(number == last.GetValueOrDefault(record.PartitionKey, -1) + 1, $"{name} came after {last.GetValueOrDefault(record.PartitionKey, -1)}.");
            last[record.PartitionKey] = number;
        }
    }

    private static byte[] Data(string name, Random random)
    {
        var padding = random.Next(10) == 0 ? random.Next(3_000, 6_000) : random.Next(300);
        return Encoding.UTF8.GetBytes(name + ";" + new string('x', padding));
    }
}
