using Weir.Client;
using Weir.Model;
using Weir.Producer.Tests.Consuming;
using Weir.Producer.Tests.Faults;

namespace Weir.Producer.Tests.Resharding;

/// <summary>
/// Shards of a real server are split and merged while a producer puts, and a consumer reads them by the KCL's rules at the same time: it gets every
/// user record once.
/// </summary>
public sealed class ReshardTests(LocalServer server) : IClassFixture<LocalServer>
{
    private const int Reshards = 24, Producers = 3, KeysOfEach = 20, BatchRecords = 40;

    // The producer looks at the shards at most twice a second: of its own seconds.
    private const int Speed = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Every_user_record_comes_once(int seed, bool keepOrder)
    {
        seed = Seed.Of(seed);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var random = new Random(seed);
        var stream = await server.CreateStreamAsync(random.Next(1, 5));
        using var counts = new ProducerCounts(stream);
        var log = new PutLog();
        var resharder = new Resharder(server, stream, random);
        var consumer = new KclConsumer(server.Client, stream);
        using var end = new CancellationTokenSource();
        await using (var producer = Producer(stream, seed, keepOrder))
        {
            var producing = Task.WhenAll(Enumerable.Range(0, Producers).Select(
                which => Task.Run(() => PutAsync(producer, log, which, new Random(seed + which), end.Token, patience.Token), patience.Token)));
            var reading = Task.Run(() => consumer.ReadAsync(producing, patience.Token), patience.Token);
            for (var i = 0; i < Reshards; i++)
            {
                // Between two, records are stored by the map as it was.
                var stored = counts["UserRecordsPut"];
                while (counts["UserRecordsPut"] < stored + 300 && !producing.IsCompleted && !patience.IsCancellationRequested)
                    await Task.Yield();
                await resharder.ReshardAsync(patience.Token);
            }

            await end.CancelAsync();
            await producing;
            await reading;
        }

        var wrong = log.Attempts(attempt => attempt.ErrorCode == PutAttempt.WrongShard);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed {seed}: {log.Count} records, {resharder.Done.Splits} splits, {resharder.Done.Merges} merges, {consumer.Shards} shards read, "
            + $"{consumer.Discarded} aggregates passed over, {wrong} user records sent again for that");
        log.Check(consumer.Delivered, losesAnswers: false, keepOrder);
        Assert.Equal((log.Count, 0, (long)log.Count), (log.Stored, log.Failed, counts["UserRecordsPut"]));
        Assert.Equal(log.Count, consumer.Delivered.Count);
        Assert.True(wrong > 0 && consumer.Discarded > 0, "No aggregate was where it did not belong: nothing was tried.");
        Assert.True(consumer.Delivered.Count(one => one.Index is not null) > log.Count / 2, "Hardly anything was aggregated.");
        await server.DeleteStreamAsync(stream);
    }

    private KinesisProducer Producer(string stream, int seed, bool keepOrder) => new(server.Client, new ProducerOptions
    {
        StreamName = stream,
        KeepOrder = keepOrder,
        MaxAggregateBytes = 4_000,
        MaxBufferedBytes = 128 * 1024,
        MaxBufferedTime = TimeSpan.FromMilliseconds(200),
        RateLimitPercent = 0,
        TimeToLive = TimeSpan.FromHours(20),
        DrainTime = TimeSpan.Zero,
        TimeProvider = new ScaledTimeProvider(Speed),
        Random = new Random(seed),
    });

    // Puts without a pause until it is told to end; two batches are on their way at a time, so that the producer always has something.
    private static async Task PutAsync(KinesisProducer producer, PutLog log, int which, Random random, CancellationToken end, CancellationToken token)
    {
        var hashKeys = Enumerable.Range(0, KeysOfEach)
            .Select(i => i % 3 == 0 ? new HashKey(new UInt128((ulong)random.NextInt64() << 1, (ulong)random.NextInt64())) : (HashKey?)null).ToList();
        var before = Task.CompletedTask;
        while (!end.IsCancellationRequested)
        {
            var next = Enumerable.Range(0, BatchRecords).Select(_ =>
            {
                var key = random.Next(KeysOfEach);
                return log.Next($"key-{which}-{key}", hashKeys[key], random.Next(200));
            }).ToList();
            var put = random.Next(2) == 0
                ? log.AwaitAsync(next, producer.PutAsync(next, token))
                : Task.WhenAll(next.Select(one => log.AwaitAsync(one, producer.PutAsync(one.PartitionKey, one.Data, one.ExplicitHashKey, token))));
            await before;
            before = put;
        }

        await before;
    }
}
