using Weir.Client;
using Weir.Producer.Tests.Consuming;
using Weir.Producer.Tests.Resharding;

namespace Weir.Producer.Tests.Faults;

/// <summary>One seed: a stream of a real server, behind a network that fails, and a producer that fills it.</summary>
internal sealed class SocketFaultRun(LocalServer server, int seed)
{
    private const int Records = 240, Keys = 20, Reshards = 4;

    // A minute of the producer's and the client's takes a second. The server has the machine's own time.
    private const int Speed = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Real times. Where no answer is lost, no request times out either.
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(250), LongTimeout = TimeSpan.FromMinutes(1);

    private readonly bool _keepsOrder = seed % 2 == 1;
    private readonly bool _aggregates = seed / 2 % 4 != 0;
    private readonly bool _losesAnswers = seed / 8 % 2 == 1;
    private readonly bool _expires = seed % 5 == 4;
    private readonly bool _reshards = seed % 3 == 2;
    private readonly Random _random = new(seed);
    private readonly PutLog _log = new();

    /// <summary>Records that were stored, and records that failed.</summary>
    public (int Stored, int Failed) Outcomes => (_log.Stored, _log.Failed);

    /// <summary>Faults of the server, resets and holes of the network.</summary>
    public (int Server, int Resets, int Holes) Faults { get; private set; }

    /// <summary>Attempts that did not succeed.</summary>
    public int FailedAttempts => _log.Attempts(attempt => !attempt.Succeeded);

    /// <summary>User records that came again because their answers were lost.</summary>
    public int Repetitions { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var stream = await server.CreateStreamAsync(_random.Next(1, 5));
        using var counts = new ProducerCounts(stream);
        using var faults = new ServerFaults(server.Endpoint, stream, seed);
        await faults.AddAsync(_losesAnswers, ShortTimeout * 1.6);
        await using var proxy = new FaultyProxy(server.Endpoint, seed, _losesAnswers);
        await PutAllAsync(stream, proxy.Endpoint, patience.Token);
        Faults = (await faults.RemoveAsync(), proxy.Faults.Resets, proxy.Faults.Holes);

        var consumer = new KclConsumer(server.Client, stream);
        await consumer.ReadAsync(Task.CompletedTask, patience.Token);
        _log.Check(consumer.Delivered, _losesAnswers, _keepsOrder);
        Repetitions = consumer.Delivered.Count - _log.Stored;
        Assert.Equal(
            (Records, _log.Stored, _log.Failed), (counts["UserRecordsReceived"], counts["UserRecordsPut"], counts["weir.producer.failed"]));
        Assert.True(_expires || _log.Failed == 0, $"{_log.Failed} records failed.");
        await server.DeleteStreamAsync(stream);
    }

    private async Task PutAllAsync(string stream, Uri endpoint, CancellationToken cancellationToken)
    {
        var time = new ScaledTimeProvider(Speed);
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = endpoint,
            Region = "us-east-1",
            TimeProvider = time,
            AttemptTimeout = (_losesAnswers ? ShortTimeout : LongTimeout) * Speed,
            Random = new Random(seed),
        });
        await using var producer = new KinesisProducer(client, new ProducerOptions
        {
            StreamName = stream,
            Aggregate = _aggregates,
            MaxAggregateBytes = 3_000,
            MaxBufferedBytes = 96 * 1024,
            MaxBufferedTime = TimeSpan.FromMilliseconds(_random.Next(0, 500)),
            MaxRequestsInFlight = _random.Next(1, 6),
            TimeToLive = _expires ? TimeSpan.FromSeconds(_random.Next(2, 30)) : TimeSpan.FromHours(20),
            DrainTime = TimeSpan.Zero,
            KeepOrder = _keepsOrder,
            OnPostFailed = _log.PostFailed,
            TimeProvider = time,
            Random = new Random(seed),
        });
        var resharding = _reshards ? ReshardAsync(stream, time, cancellationToken) : Task.CompletedTask;
        var told = new List<Task>();
        for (var left = Records; left > 0;)
        {
            left -= await PutAsync(producer, told, left);
            // Time for the network, so that not everything is in the first requests.
            if (_random.Next(8) == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1_000)), time, cancellationToken);
        }

        await Task.WhenAll(told).WaitAsync(cancellationToken);
        await resharding;
        await producer.FlushAsync(cancellationToken);
        Assert.Equal((0L, 0L, 0), (producer.BufferedBytes, producer.PendingRecords, producer.WaitingRecords));
    }

    // Puts a record or a few, in one of the three ways.
    // Returns how many.
    private async Task<int> PutAsync(KinesisProducer producer, List<Task> told, int most)
    {
        var way = _random.Next(10);
        var records = Enumerable.Range(0, way == 0 ? Math.Min(most, _random.Next(2, 12)) : 1)
            .Select(_ => _log.Next($"key-{_random.Next(Keys)}", null, _random.Next(12) == 0 ? _random.Next(2_000, 6_000) : _random.Next(300))).ToList();
        var (key, _, data) = records[0];
        switch (way)
        {
            case 0:
                told.Add(_log.AwaitAsync(records, producer.PutAsync(records)));
                break;
            case 1:
                _log.Posted(records[0]);
                await producer.PostAsync(key, data);
                break;
            default:
                told.Add(_log.AwaitAsync(records[0], producer.PutAsync(key, data)));
                break;
        }

        return records.Count;
    }

    private async Task ReshardAsync(string stream, TimeProvider time, CancellationToken cancellationToken)
    {
        var resharder = new Resharder(server, stream, new Random(seed));
        for (var i = 1; i <= Reshards; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (_log.Count < Records * i / (Reshards + 1))
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
            await resharder.ReshardAsync(cancellationToken);
        }
    }
}
