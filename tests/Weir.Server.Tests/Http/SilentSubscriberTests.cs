using System.IO.Pipelines;
using System.Text.Json;
using Weir.Model;
using Weir.Protocol.EventStream;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Http;

/// <summary>
/// Subscribers that stop reading. The endpoint writes to connections of the tests' own, which take as much as Kestrel's and then no more,
/// so that it is plain what the server itself holds. They run alone: one of them looks at the memory of the whole process.
/// </summary>
[Collection(nameof(ProcessTests))]
public sealed class SilentSubscriberTests
{
    // As Kestrel: 64 KiB and the writer waits.
    private static readonly PipeOptions ConnectionOptions = new(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024);

    // Real time: only a server that hangs lets it pass.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_slow_reader_gets_everything_in_its_own_time_and_never_has_two_events_in_flight()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        var consumers = await PrepareAsync(endpoint, consumers: 1, shards: 1);
        for (var i = 0; i < 30; i++)
            await PutAsync(endpoint, new string((char)('a' + (i % 26)), 100_000));
        var connection = new Pipe(ConnectionOptions);
        var handling = endpoint.HandleAsync("SubscribeToShard", Subscribe(consumers[0], 0), connection.Writer);
        var received = new byte[8 * 1024 * 1024];
        var (length, at, records) = (0, 0, 0);
        while (records < 30)
        {
            var read = await connection.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
            // A piece beyond the threshold at most, whatever the size of the event.
            Assert.InRange(read.Buffer.Length, 1, 128 * 1024);
            foreach (var segment in read.Buffer)
            {
                segment.Span.CopyTo(received.AsSpan(length));
                length += segment.Length;
            }

            connection.Reader.AdvanceTo(read.Buffer.End);
            while (EventStreamFrame.TryRead(received.AsMemory(at, length - at), out var message, out var needed) == EventStreamStatus.Complete)
            {
                at += needed;
                if (message.Headers[EventStreamHeaders.EventType] == SubscriptionMessages.ShardEvent)
                    records += JsonDocument.Parse(message.Payload).RootElement.GetProperty("Records").GetArrayLength();
            }
        }

        endpoint.Time.Advance(KinesisLimits.SubscriptionLifetime);
        await handling;
    }

    [Fact]
    public async Task Silent_subscribers_hold_a_bounded_memory_and_keep_nobody_from_being_served()
    {
        // 200 subscriptions with 3 MiB of records before each; half of them never read a byte. Large events have 4 MiB together here and
        // small ones 64 KiB each, beside 64 KiB and a piece in a connection: a server that made an event of 1 MiB for each would hold 140 MiB.
        const int Subscribers = 200, Consumers = 20, Records = 150;
        await using var endpoint = await TestEndpoint.StartAsync();
        var consumers = await PrepareAsync(endpoint, Consumers, Subscribers / Consumers);
        for (var shard = 0; shard < Subscribers / Consumers; shard++)
        {
            for (var i = 0; i < Records; i++)
                await PutAsync(endpoint, new string('x', 20_000), HashKeyOf(shard, Subscribers / Consumers));
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var silent = new List<Pipe>();
        var handling = new List<Task>();
        for (var i = 0; i < Subscribers / 2; i++)
            silent.Add(Start(endpoint, handling, consumers[i % Consumers], i / Consumers));
        foreach (var connection in silent)
            await UntilFullAsync(connection);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 * 1024 * 1024);

        // The others are served all that there is, though the silent ones keep what they hold.
        var reading = new List<Task>();
        for (var i = Subscribers / 2; i < Subscribers; i++)
        {
            var connection = Start(endpoint, handling, consumers[i % Consumers], i / Consumers);
            reading.Add(ReadRecordsAsync(connection.Reader, Records));
        }

        await Task.WhenAll(reading).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.All(handling, task => Assert.False(task.IsCompleted));

        // After their five minutes and a last moment of patience the silent ones are thrown away.
        endpoint.Time.Advance(KinesisLimits.SubscriptionLifetime);
        endpoint.Time.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(handling).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_record_larger_than_a_small_event_waits_in_line_and_its_subscriber_is_told_that_it_is_behind()
    {
        // Silent subscribers hold all that there is for large events and large records here: two and eight of 2 MiB.
        await using var endpoint = await TestEndpoint.StartAsync();
        var consumers = await PrepareAsync(endpoint, consumers: 11, shards: 1);
        await PutAsync(endpoint, new string('x', 900_000));
        var handling = new List<Task>();
        foreach (var consumer in consumers[..10])
            await UntilFullAsync(Start(endpoint, handling, consumer, 0));
        var timers = endpoint.Time.ActiveTimers;
        var last = Start(endpoint, handling, consumers[10], 0);
        var messages = new MessageReader(last.Reader);
        Assert.Equal(SubscriptionMessages.InitialResponseEvent, (await messages.NextAsync()).Headers[EventStreamHeaders.EventType]);
        var next = messages.NextAsync();
        // Its five minutes, and its patience in the line.
        await UntilAsync("it waits in line", () => endpoint.Time.ActiveTimers == timers + 2);
        endpoint.Time.Advance(KinesisLimits.EmptyEventInterval);
        var empty = JsonDocument.Parse((await next).Payload).RootElement;
        Assert.Equal(0, empty.GetProperty("Records").GetArrayLength());
        Assert.Equal(5000, empty.GetProperty("MillisBehindLatest").GetInt64());

        // The others' five minutes are over: there is room.
        endpoint.Time.Advance(KinesisLimits.SubscriptionLifetime);
        endpoint.Time.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(handling).WaitAsync(Patience, TestContext.Current.CancellationToken);
        var again = new MessageReader(Start(endpoint, handling, consumers[0], 0).Reader);
        await again.NextAsync();
        Assert.Equal(1, JsonDocument.Parse((await again.NextAsync()).Payload).RootElement.GetProperty("Records").GetArrayLength());
        endpoint.Time.Advance(KinesisLimits.SubscriptionLifetime);
        await Task.WhenAll(handling).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static Pipe Start(TestEndpoint endpoint, List<Task> handling, string consumer, int shard)
    {
        var connection = new Pipe(ConnectionOptions);
        handling.Add(Task.Run(() => endpoint.HandleAsync("SubscribeToShard", Subscribe(consumer, shard), connection.Writer)));
        return connection;
    }

    // The writer has come to a halt: more than the threshold lies in the connection.
    private static async Task UntilFullAsync(Pipe connection)
    {
        while (true)
        {
            var read = await connection.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
            connection.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.Buffer.Length >= 64 * 1024)
                return;
        }
    }

    private static async Task ReadRecordsAsync(PipeReader connection, int count)
    {
        var messages = new MessageReader(connection);
        await messages.NextAsync();
        while (count > 0)
            count -= JsonDocument.Parse((await messages.NextAsync()).Payload).RootElement.GetProperty("Records").GetArrayLength();
    }

    private static async Task<string[]> PrepareAsync(TestEndpoint endpoint, int consumers, int shards)
    {
        await endpoint.AnswerAsync("CreateStream", $$"""{"StreamName":"orders","ShardCount":{{shards}}}""");
        var arns = new string[consumers];
        for (var i = 0; i < consumers; i++)
        {
            var registered = await endpoint.AnswerAsync("RegisterStreamConsumer", $$"""{"StreamARN":"{{Arn("orders")}}","ConsumerName":"reader-{{i}}"}""");
            arns[i] = JsonDocument.Parse(registered).RootElement.GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!;
        }

        return arns;
    }

    private static async Task PutAsync(TestEndpoint endpoint, string data, string hashKey = "0")
    {
        var answer = await endpoint.AnswerAsync(
            "PutRecord", JsonSerializer.Serialize(new { StreamName = "orders", PartitionKey = "k", Data = Bytes(data), ExplicitHashKey = hashKey }));
        Assert.Contains("SequenceNumber", answer, StringComparison.Ordinal);
    }

    private static string HashKeyOf(int shard, int shards) => (UInt128.MaxValue / (UInt128)shards * (UInt128)shard + 1000).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Subscribe(string consumer, int shard) => System.Text.Encoding.UTF8.GetString(FanOut.Request(consumer, shard));

    /// <summary>Reads the messages of a connection one by one.</summary>
    private sealed class MessageReader(PipeReader connection)
    {
        private byte[] _bytes = [];

        public async Task<EventStreamMessage> NextAsync()
        {
            while (true)
            {
                if (EventStreamFrame.TryRead(_bytes, out var message, out var needed) == EventStreamStatus.Complete)
                {
                    _bytes = _bytes[needed..];
                    return message;
                }

                var read = await connection.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
                _bytes = [.. _bytes, .. System.Buffers.BuffersExtensions.ToArray(read.Buffer)];
                connection.AdvanceTo(read.Buffer.End);
                Assert.False(read.IsCompleted && read.Buffer.IsEmpty, "The answer has ended.");
            }
        }
    }
}
