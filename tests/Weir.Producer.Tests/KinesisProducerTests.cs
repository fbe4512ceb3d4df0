using System.Globalization;
using System.Text;
using Weir.Client;
using Weir.Model;
using Weir.Producer.Tests.Faults;
using Weir.Protocol.Aggregation;
using Weir.Protocol.Messages;

namespace Weir.Producer.Tests;

/// <summary>The producer before a real server: what it says of each record is where the record is.</summary>
public sealed class KinesisProducerTests(LocalServer server) : IClassFixture<LocalServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_is_where_its_result_says()
    {
        var stream = await server.CreateStreamAsync(shards: 4);
        await using var producer = Producer(stream);
        var result = await producer.PutAsync("key", Bytes("data"), cancellationToken: Token);
        Assert.True(result.IsStored);
        Assert.Null(result.SubSequenceNumber);
        Assert.True(Assert.Single(result.Attempts).Succeeded);
        var record = Assert.Single(await server.RecordsAsync(stream, result.ShardId!));
        Assert.Equal((result.SequenceNumber, "key", "data"), (record.SequenceNumber, record.PartitionKey, Text(record.Data!.Value)));
    }

    [Fact]
    public async Task Records_that_come_together_share_records_and_each_result_finds_its_own()
    {
        var stream = await server.CreateStreamAsync(shards: 3);
        await using var producer = Producer(stream);
        var puts = Enumerable.Range(0, 5000).Select(i => producer.PutAsync(Key(i), Bytes($"data {i}"), cancellationToken: Token).AsTask()).ToList();
        var results = await Task.WhenAll(puts).WaitAsync(Patience, Token);
        var stored = (await server.UserRecordsAsync(stream)).ToDictionary(found => (found.ShardId, found.SequenceNumber, found.Index), found => found.Record);
        Assert.Equal(5000, stored.Count);
        for (var i = 0; i < results.Length; i++)
        {
            var record = stored[(results[i].ShardId!, results[i].SequenceNumber!, results[i].SubSequenceNumber)];
            Assert.Equal((Key(i), $"data {i}"), (record.PartitionKey, Text(record.Data)));
        }

        Assert.True(results.Select(result => (result.ShardId, result.SequenceNumber)).Distinct().Count() < 50, "Hardly anything was aggregated.");
    }

    [Fact]
    public async Task Aggregates_hold_records_of_one_shard_only()
    {
        var stream = await server.CreateStreamAsync(shards: 7);
        await using var producer = Producer(stream);
        var records = Enumerable.Range(0, 2000)
            .Select(i => new UserRecord(Key(i), i % 3 == 0 ? new HashKey(UInt128.MaxValue / 2000 * (UInt128)i) : null, Bytes("x"))).ToList();
        Assert.All(await producer.PutAsync(records, Token).WaitAsync(Patience, Token), outcome => Assert.True(outcome.IsStored));
        var ranges = (await server.ShardsAsync(stream)).ToDictionary(shard => shard.ShardId!, Range);
        var stored = await server.UserRecordsAsync(stream);
        Assert.Equal(2000, stored.Count);
        Assert.All(stored, found => Assert.True(
            found.Index is null || ranges[found.ShardId].Contains(found.Record.EffectiveHashKey), $"{found.Record.PartitionKey} is in {found.ShardId}"));
    }

    [Fact]
    public async Task What_is_too_large_for_an_aggregate_goes_by_itself()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream);
        var small = producer.PutAsync("a-key", Bytes("small"), cancellationToken: Token);
        var large = producer.PutAsync("a-key", new byte[200_000], cancellationToken: Token);
        var other = producer.PutAsync("a-key", Bytes("small"), cancellationToken: Token);
        var results = new[] { await small, await large, await other };
        Assert.Equal(3, results.Select(result => result.SequenceNumber).Distinct().Count());
        Assert.Null(results[1].SubSequenceNumber);
        Assert.Equal([5, 5, 200_000], (await server.UserRecordsAsync(stream)).Select(found => found.Record.Data.Length).Order());
    }

    [Fact]
    public async Task A_large_record_that_is_refused_takes_no_other_with_it()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await LimitAsync(stream, kib: 2048);
        await using var producer = Producer(stream, options => options.Aggregate = false);
        Assert.True((await producer.PutAsync("key", new byte[1_500_000], cancellationToken: Token)).IsStored);
        // The producer has read the limit by now, and does not hear of this.
        await LimitAsync(stream, kib: 1024);
        // In one request, but for its size: two shards.
        var records = new[] { 10, 1_500_000, 10 }.Select(length => new UserRecord("key", new HashKey(length == 10 ? UInt128.Zero : UInt128.MaxValue), new byte[length])).ToList();
        var outcomes = await producer.PutAsync(records, Token).WaitAsync(Patience, Token);
        Assert.Equal([true, false, true], outcomes.Select(outcome => outcome.IsStored));
        Assert.Equal(PutFailureReason.Refused, outcomes[1].Failure!.Reason);
    }

    [Fact]
    public async Task Without_aggregation_each_record_is_a_record()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await using var producer = Producer(stream, options => options.Aggregate = false);
        var records = Enumerable.Range(0, 1200).Select(i => new UserRecord(Key(i), null, Bytes($"{i}"))).ToList();
        var outcomes = await producer.PutAsync(records, Token).WaitAsync(Patience, Token);
        Assert.Equal(1200, outcomes.Select(outcome => (outcome.Result.ShardId, outcome.Result.SequenceNumber)).Distinct().Count());
        Assert.All(outcomes, outcome => Assert.Null(outcome.Result.SubSequenceNumber));
        Assert.Equal(1200, (await server.UserRecordsAsync(stream)).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_shard_that_is_offered_too_much_holds_back_its_callers_and_lets_nothing_expire(bool aggregate)
    {
        // 2 MB, or 2,000 records, for a shard that takes 0.2 MiB and 200 records a second: five times what can go within the time to live.
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream, options =>
        {
            options.Aggregate = aggregate;
            options.RateLimitPercent = 20;
            options.TimeToLive = TimeSpan.FromSeconds(2);
            options.TimeProvider = new ScaledTimeProvider(4);
        });
        // The shards are known from here on.
        await producer.PutAsync("key", Bytes("first"), cancellationToken: Token);
        var data = new byte[1000];
        var puts = Enumerable.Range(0, 2000).Select(i => producer.PutAsync(Key(i), data, cancellationToken: Token).AsTask()).ToList();
        Assert.InRange(producer.WaitingRecords, 1000, 2000);
        Assert.All(await Task.WhenAll(puts).WaitAsync(Patience, Token), result => Assert.True(result.IsStored));
    }

    [Fact]
    public async Task A_shard_that_is_offered_too_much_does_not_hold_back_the_others()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await using var producer = Producer(stream, options => options.RateLimitPercent = 1);
        await producer.PutAsync("key", Bytes("first"), cancellationToken: Token);
        var (hot, cold) = (new HashKey(UInt128.Zero), new HashKey(UInt128.MaxValue));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var held = Enumerable.Range(0, 500).Select(_ => producer.PutAsync("hot", new byte[1000], hot, enough.Token).AsTask()).ToList();
        Assert.NotEqual(0, producer.WaitingRecords);
        Assert.True((await producer.PutAsync("cold", Bytes("x"), cold, Token)).IsStored);
        Assert.NotEqual(0, producer.WaitingRecords);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(held));
    }

    [Fact]
    public async Task A_flush_waits_for_everything_that_was_put_before()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await using var producer = Producer(stream, options => options.MaxBufferedTime = TimeSpan.FromSeconds(20));
        var puts = Enumerable.Range(0, 100).Select(i => producer.PutAsync(Key(i), Bytes("x"), cancellationToken: Token).AsTask()).ToList();
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
        Assert.Equal((0L, 0L), (producer.BufferedBytes, producer.PendingRecords));
        // The outcomes are there; what awaits them goes on a moment later.
        Assert.All(await Task.WhenAll(puts), result => Assert.True(result.IsStored));
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
    }

    [Fact]
    public async Task Posted_records_are_stored_and_nobody_need_wait()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await using var producer = Producer(stream);
        for (var i = 0; i < 500; i++)
            await producer.PostAsync(Key(i), Bytes($"{i}"));
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
        Assert.Equal(500, (await server.UserRecordsAsync(stream)).Count);
    }

    [Fact]
    public async Task Closing_sends_what_is_there_and_takes_no_more()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        var producer = Producer(stream, options => options.MaxBufferedTime = TimeSpan.FromSeconds(20));
        var put = producer.PutAsync("key", Bytes("x"), cancellationToken: Token).AsTask();
        await producer.DisposeAsync().AsTask().WaitAsync(Patience, Token);
        Assert.True((await put).IsStored);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await producer.PutAsync("key", Bytes("x"), cancellationToken: Token));
        await producer.DisposeAsync();
    }

    [Fact]
    public async Task A_full_producer_holds_its_callers_back_and_never_more_than_its_credit()
    {
        var stream = await server.CreateStreamAsync(shards: 2);
        await using var producer = Producer(stream, options => options.MaxBufferedBytes = 64 * 1024);
        var most = 0L;
        var puts = new List<Task<PutResult>>();
        for (var i = 0; i < 3000; i++)
        {
            puts.Add(producer.PutAsync(Key(i), new byte[500], cancellationToken: Token).AsTask());
            most = Math.Max(most, producer.BufferedBytes);
        }

        Assert.True(producer.WaitingRecords > 0, "Nobody was held back.");
        await Task.WhenAll(puts).WaitAsync(Patience, Token);
        Assert.InRange(most, 1, 64 * 1024);
        Assert.Equal(3000, (await server.UserRecordsAsync(stream)).Count);
    }

    [Fact]
    public async Task A_full_producer_fails_a_put_at_once_if_it_is_told_to()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream, options =>
        {
            options.MaxBufferedBytes = 64 * 1024;
            options.WhenFull = FullPolicy.Fail;
            options.MaxBufferedTime = TimeSpan.FromSeconds(20);
        });
        var fits = producer.PutAsync("key", new byte[50_000], cancellationToken: Token).AsTask();
        var failure = await Assert.ThrowsAsync<PutFailedException>(async () => await producer.PutAsync("key-2", new byte[50_000], cancellationToken: Token));
        Assert.Equal((PutFailureReason.Full, "key-2", stream), (failure.Reason, failure.PartitionKey, failure.StreamName));
        failure = await Assert.ThrowsAsync<PutFailedException>(async () => await producer.PostAsync("key-3", new byte[50_000]));
        Assert.Equal(PutFailureReason.Full, failure.Reason);
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
        Assert.True((await fits).IsStored);
    }

    [Fact]
    public async Task A_full_producer_drops_a_record_if_it_is_told_to_and_says_so()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        var told = new List<(string Key, int Bytes, PutFailureReason Reason)>();
        await using var producer = Producer(stream, options =>
        {
            options.MaxBufferedBytes = 64 * 1024;
            options.WhenFull = FullPolicy.Drop;
            options.MaxBufferedTime = TimeSpan.FromSeconds(20);
            options.OnPostFailed = failed => told.Add((failed.PartitionKey, failed.Data.Length, failed.Failure.Reason));
        });
        var fits = producer.PutAsync("key", new byte[50_000], cancellationToken: Token).AsTask();
        var dropped = await producer.PutAsync("key-2", new byte[50_000], cancellationToken: Token);
        Assert.False(dropped.IsStored);
        Assert.Empty(dropped.Attempts);
        await producer.PostAsync("key-3", new byte[40_000]);
        Assert.Equal([("key-3", 40_000, PutFailureReason.Dropped)], told);
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
        Assert.True((await fits).IsStored);
        Assert.Single(await server.UserRecordsAsync(stream));
    }

    [Fact]
    public async Task A_cancelled_put_that_was_accepted_is_stored_all_the_same()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream, options => options.MaxBufferedTime = TimeSpan.FromSeconds(20));
        using var cancellation = new CancellationTokenSource();
        var put = producer.PutAsync("key", Bytes("x"), cancellationToken: cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
        Assert.Single(await server.UserRecordsAsync(stream));
    }

    [Fact]
    public async Task A_cancelled_put_that_waits_for_credit_is_given_up()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream, options =>
        {
            options.MaxBufferedBytes = 64 * 1024;
            options.MaxBufferedTime = TimeSpan.FromSeconds(20);
        });
        var fits = producer.PutAsync("key", new byte[50_000], cancellationToken: Token).AsTask();
        using var cancellation = new CancellationTokenSource();
        var waits = producer.PutAsync("key-2", new byte[50_000], cancellationToken: cancellation.Token).AsTask();
        var batch = producer.PutAsync([new UserRecord("key-3", null, new byte[50_000])], cancellation.Token);
        Assert.Equal(2, producer.WaitingRecords);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch);
        Assert.Equal(0, producer.WaitingRecords);
        await producer.FlushAsync(Token).WaitAsync(Patience, Token);
        Assert.True((await fits).IsStored);
        Assert.Single(await server.UserRecordsAsync(stream));
    }

    [Fact]
    public async Task A_stream_that_is_not_there_refuses_each_record()
    {
        await using var producer = Producer("no-such-stream");
        var failure = await Assert.ThrowsAsync<PutFailedException>(async () => await producer.PutAsync("key", Bytes("x"), cancellationToken: Token).AsTask().WaitAsync(Patience, Token));
        Assert.Equal((PutFailureReason.Refused, "ResourceNotFoundException"), (failure.Reason, failure.ErrorCode));
        Assert.IsType<KinesisResourceNotFoundException>(failure.InnerException);
        Assert.Single(failure.Attempts);
    }

    [Fact]
    public async Task A_record_expires_when_nobody_answers()
    {
        using var client = new KinesisClient(new KinesisClientOptions
        {
            Endpoint = new Uri("http://127.0.0.1:9"),
            Region = "us-east-1",
            MaxAttempts = 1,
        });
        await using var producer = new KinesisProducer(client, new ProducerOptions
        {
            StreamName = "stream",
            TimeToLive = TimeSpan.FromMilliseconds(300),
            DrainTime = TimeSpan.Zero,
        });
        var failure = await Assert.ThrowsAsync<PutFailedException>(async () => await producer.PutAsync("key", Bytes("x"), cancellationToken: Token).AsTask().WaitAsync(Patience, Token));
        Assert.Equal(PutFailureReason.Expired, failure.Reason);
        Assert.Contains("shards could not be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_when_the_producer_is_closed_fails()
    {
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri("http://127.0.0.1:9"), Region = "us-east-1" });
        var producer = new KinesisProducer(client, new ProducerOptions { StreamName = "stream", DrainTime = TimeSpan.Zero, MaxBufferedBytes = 64 * 1024 });
        var accepted = producer.PutAsync("key", new byte[60_000], cancellationToken: Token).AsTask();
        var waiting = producer.PutAsync("key", new byte[60_000], cancellationToken: Token).AsTask();
        var posted = producer.PostAsync("key", new byte[60_000]).AsTask();
        await producer.DisposeAsync().AsTask().WaitAsync(Patience, Token);
        foreach (var put in new Task[] { accepted, waiting, posted })
            Assert.Equal(PutFailureReason.Stopped, (await Assert.ThrowsAsync<PutFailedException>(() => put)).Reason);
    }

    [Fact]
    public async Task A_record_that_is_too_large_for_the_stream_is_refused_at_once()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream);
        await producer.PutAsync("key", Bytes("so that the limit is known"), cancellationToken: Token);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(async () => await producer.PutAsync("key", new byte[KinesisLimits.DefaultMaxRecordBytes], cancellationToken: Token));
        Assert.Contains("1048579", refusal.Message, StringComparison.Ordinal);
        Assert.True((await producer.PutAsync("key", new byte[KinesisLimits.DefaultMaxRecordBytes - 3], cancellationToken: Token)).IsStored);
    }

    [Fact]
    public async Task A_record_that_turns_out_to_be_too_large_fails_alone()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream);
        // Before the stream's limit is known.
        var large = producer.PutAsync("key", new byte[2 * 1024 * 1024], cancellationToken: Token).AsTask();
        var small = producer.PutAsync("key", Bytes("x"), cancellationToken: Token).AsTask();
        Assert.Equal(PutFailureReason.Refused, (await Assert.ThrowsAsync<PutFailedException>(() => large)).Reason);
        Assert.True((await small).IsStored);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_key_must_be_there(string? key)
    {
        await using var producer = Producer("stream");
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await producer.PutAsync(key!, Bytes("x"), cancellationToken: Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await producer.PutAsync(new string('k', 257), Bytes("x"), cancellationToken: Token));
    }

    [Fact]
    public async Task A_result_can_be_taken_once()
    {
        var stream = await server.CreateStreamAsync(shards: 1);
        await using var producer = Producer(stream);
        var put = producer.PutAsync("key", Bytes("x"), cancellationToken: Token);
        await put;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await put);
    }

    private async Task LimitAsync(string stream, int kib)
    {
        var arn = (await server.Client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = stream }, Token)).StreamDescriptionSummary!.StreamARN;
        await server.Client.UpdateMaxRecordSizeAsync(new UpdateMaxRecordSizeRequest { StreamARN = arn, MaxRecordSizeInKiB = kib }, Token);
        await server.ActiveAsync(stream);
    }

    private KinesisProducer Producer(string stream, Action<ProducerOptions>? configure = null)
    {
        var options = new ProducerOptions { StreamName = stream, RateLimitPercent = 0, MaxBufferedTime = TimeSpan.FromMilliseconds(20) };
        configure?.Invoke(options);
        return new KinesisProducer(server.Client, options);
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"key-{number}");

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static Model.HashKeyRange Range(Shard shard)
    {
        HashKey.TryParse(shard.HashKeyRange!.StartingHashKey, out var start);
        HashKey.TryParse(shard.HashKeyRange.EndingHashKey, out var end);
        return new Model.HashKeyRange(start, end);
    }
}
