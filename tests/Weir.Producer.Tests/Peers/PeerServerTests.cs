using Weir.Client;
using Weir.Client.Tests.Peers;
using Weir.Producer.Tests.Consuming;

namespace Weir.Producer.Tests.Peers;

/// <summary>The producer before other servers of the API, with the client as it is: every outcome is right, and what is read back is what was put.</summary>
public abstract class PeerServerTests(PeerServer server)
{
    private const int Records = 400, Keys = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Every_record_is_where_its_outcome_says(bool aggregate, bool keepOrder)
    {
        using var client = server.Connect();
        var stream = await server.CreateStreamAsync(client, shards: 3);
        var log = new PutLog();
        await using (var producer = new KinesisProducer(client, new ProducerOptions
        {
            StreamName = stream,
            Aggregate = aggregate,
            KeepOrder = keepOrder,
            MaxAggregateBytes = 4_000,
            MaxBufferedTime = TimeSpan.FromMilliseconds(20),
        }))
        {
            var random = new Random(7);
            var told = new List<Task>();
            for (var i = 0; i < Records; i++)
            {
                var record = log.Next($"key-{random.Next(Keys)}", null, random.Next(200));
                told.Add(log.AwaitAsync(record, producer.PutAsync(record.PartitionKey, record.Data, cancellationToken: Token)));
            }

            await Task.WhenAll(told).WaitAsync(Patience, Token);
        }

        var consumer = new KclConsumer(client, stream);
        await consumer.ReadAsync(Task.CompletedTask, Token);
        Assert.Equal((Records, 0, 0), (log.Stored, log.Failed, log.Attempts(attempt => !attempt.Succeeded)));
        log.Check(consumer.Delivered, losesAnswers: false, keepOrder);
        Assert.Equal(aggregate, consumer.Delivered.Any(one => one.Index is not null));
    }

    [Fact]
    public async Task A_stream_that_is_not_there_refuses_each_record()
    {
        using var client = server.Connect();
        await using var producer = new KinesisProducer(client, new ProducerOptions { StreamName = "no-such-stream" });
        var failure = await Assert.ThrowsAsync<PutFailedException>(
            async () => await producer.PutAsync("key", new byte[10], cancellationToken: Token).AsTask().WaitAsync(Patience, Token));
        Assert.Equal((PutFailureReason.Refused, "ResourceNotFoundException"), (failure.Reason, failure.ErrorCode));
    }
}

/// <summary>Before kinesalite.</summary>
public sealed class KinesaliteTests(Kinesalite server) : PeerServerTests(server), IClassFixture<Kinesalite>;

/// <summary>Before kinesis-local.</summary>
public sealed class KinesisLocalTests(KinesisLocal server) : PeerServerTests(server), IClassFixture<KinesisLocal>;
