using System.Buffers.Binary;
using Weir.Cli.Commands.Streams;
using Weir.Client;
using Weir.Protocol.Messages;

namespace Weir.Cli.Bench;

/// <summary>What to put and for how long.</summary>
/// <param name="Stream">The stream; created when it does not exist.</param>
/// <param name="Shards">Shards of a stream that is created.</param>
/// <param name="RecordsPerSecond">Records that are due, in all.</param>
/// <param name="RecordBytes">Bytes of a record's data, at least eight: each carries the moment at which it was due.</param>
/// <param name="Duration">How long to measure.</param>
internal sealed record SubscribePlan(string Stream, int Shards, int RecordsPerSecond, int RecordBytes, TimeSpan Duration);

/// <summary>What came of it.</summary>
/// <param name="Shards">Shards that were subscribed to.</param>
/// <param name="Put">Records that were put in the measured time.</param>
/// <param name="Delivered">How many of them came.</param>
/// <param name="Events">Events with records.</param>
/// <param name="Delay">From the moment at which a record was due to its event.</param>
internal sealed record SubscribeResult(int Shards, long Put, long Delivered, long Events, LatencyHistogram Delay);

/// <summary>Puts records at fixed times, subscribes to every shard, and measures from the moment at which a record was due to its event.</summary>
internal sealed class SubscribeBench(KinesisClient client, SubscribePlan plan, Shell shell) : IDisposable
{
    // Puts under way at once: at 1,000 a second even 20 ms for each leave no queue.
    private const int Senders = 32;

    private const string ConsumerName = "weir-bench";

    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastEvents = TimeSpan.FromSeconds(5);

    // An event without records comes after five seconds: by then every subscription has shown that it lives.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();

    // All guarded by _gate.
    private readonly LatencyHistogram _delay = new();
    private long _delivered;
    private long _events;

    // Written once, before the measured time begins.
    private long _measureFrom = long.MaxValue;
    private long _put;

    /// <summary>Runs the bench to its end.</summary>
    public async Task<SubscribeResult> RunAsync()
    {
        await PrepareAsync().ConfigureAwait(false);
        var consumer = await RegisterAsync().ConfigureAwait(false);
        var shards = await OpenShardsAsync().ConfigureAwait(false);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(shell.Interrupted);
        var alive = shards.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var readers = shards.Select((shard, i) => ReadAsync(consumer, shard, alive[i], done.Token)).ToArray();
        // Until every subscription has shown that it lives, and both processes are warm. What had gathered then is not measured.
        var everyReader = Task.WhenAll(alive.Select(reader => reader.Task)).WaitAsync(Patience, shell.Time, shell.Interrupted);
        await PutUntilAsync(Task.WhenAll(everyReader, Task.Delay(Warmup, shell.Time, shell.Interrupted)), readers).ConfigureAwait(false);
        Volatile.Write(ref _measureFrom, shell.Time.GetTimestamp());
        await PutUntilAsync(Task.Delay(plan.Duration, shell.Time, shell.Interrupted), readers).ConfigureAwait(false);
        // The last events are still on their way.
        await Task.WhenAny([DeliveredAsync(done.Token), Task.Delay(LastEvents, shell.Time, shell.Interrupted), .. readers]).Unwrap().ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(readers).ConfigureAwait(false);
        return new SubscribeResult(shards.Count, _put, _delivered, _events, _delay);
    }

    /// <inheritdoc />
    public void Dispose() => client.Dispose();

    // Fails with the first reader or put that does.
    private async Task PutUntilAsync(Task end, IEnumerable<Task> readers)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(shell.Interrupted);
        using var pacer = new Pacer(shell.Time, plan.RecordsPerSecond);
        var senders = Enumerable.Range(0, Senders).Select(_ => PutAsync(pacer, over.Token)).ToArray();
        await Task.WhenAny([end, .. readers, .. senders]).Unwrap().ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(senders).ConfigureAwait(false);
    }

    private async Task DeliveredAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_delivered >= Interlocked.Read(ref _put))
                    return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), shell.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task PrepareAsync()
    {
        try
        {
            await client.CreateStreamAsync(new CreateStreamRequest { StreamName = plan.Stream, ShardCount = plan.Shards }, shell.Interrupted).ConfigureAwait(false);
        }
        catch (KinesisResourceInUseException)
        {
            // It is there already, which is as well.
        }

        await StreamState.ActiveAsync(client, plan.Stream, shell, shell.Interrupted).ConfigureAwait(false);
    }

    private async Task<string> RegisterAsync()
    {
        var arn = (await client.DescribeStreamSummaryAsync(new DescribeStreamSummaryRequest { StreamName = plan.Stream }, shell.Interrupted).ConfigureAwait(false))
            .StreamDescriptionSummary!.StreamARN;
        try
        {
            await client.SendAsync(new RegisterStreamConsumerRequest { StreamARN = arn, ConsumerName = ConsumerName }, shell.Interrupted).ConfigureAwait(false);
        }
        catch (KinesisResourceInUseException)
        {
            // Registered by an earlier run.
        }

        while (true)
        {
            var described = await client.SendAsync(
                new DescribeStreamConsumerRequest { StreamARN = arn, ConsumerName = ConsumerName }, shell.Interrupted).ConfigureAwait(false);
            if (described.ConsumerDescription!.ConsumerStatus == ConsumerStatuses.Active)
                return described.ConsumerDescription.ConsumerARN!;
            await Task.Delay(TimeSpan.FromMilliseconds(100), shell.Time, shell.Interrupted).ConfigureAwait(false);
        }
    }

    private async Task<List<string>> OpenShardsAsync()
    {
        var shards = new List<string>();
        string? token = null;
        do
        {
            var page = await client.ListShardsAsync(
                token is null
                    ? new ListShardsRequest { StreamName = plan.Stream, ShardFilter = new ShardFilter { Type = ShardFilterTypes.AtLatest } }
                    : new ListShardsRequest { NextToken = token },
                shell.Interrupted).ConfigureAwait(false);
            shards.AddRange(page.Shards!.Select(shard => shard.ShardId!));
            token = page.NextToken;
        }
        while (token is not null);
        return shards;
    }

    private async Task ReadAsync(string consumer, string shard, TaskCompletionSource alive, CancellationToken cancellationToken)
    {
        var request = new SubscribeToShardRequest
        {
            ConsumerARN = consumer,
            ShardId = shard,
            StartingPosition = new StartingPosition { Type = ShardIteratorTypes.Latest },
        };
        try
        {
            await foreach (var seen in client.SubscribeToShardAsync(request, cancellationToken).ConfigureAwait(false))
            {
                Count(seen);
                alive.TrySetResult();
            }

            throw new CommandFailure($"The subscription to {shard} ended before the measured time.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The measured time is over.
            alive.TrySetCanceled(cancellationToken);
        }
    }

    private void Count(SubscribeToShardEvent seen)
    {
        var now = shell.Time.GetTimestamp();
        var from = Volatile.Read(ref _measureFrom);
        lock (_gate)
        {
            var before = _delivered;
            foreach (var record in seen.Records ?? [])
            {
                var due = BinaryPrimitives.ReadInt64LittleEndian(record.Data!.Value.Span);
                if (due < from)
                    continue;
                _delay.Add(shell.Time.GetElapsedTime(due, now));
                _delivered++;
            }

            _events += _delivered > before ? 1 : 0;
        }
    }

    private async Task PutAsync(Pacer pacer, CancellationToken cancellationToken)
    {
        var data = new byte[plan.RecordBytes];
        try
        {
            while (true)
            {
                var due = await pacer.NextAsync(cancellationToken).ConfigureAwait(false);
                BinaryPrimitives.WriteInt64LittleEndian(data, due);
                // The key spreads the records over the shards. A put that has begun is finished, so that its record counts.
                await client.PutRecordAsync(
                    new PutRecordRequest { StreamName = plan.Stream, PartitionKey = due.ToString(System.Globalization.CultureInfo.InvariantCulture), Data = data },
                    CancellationToken.None).ConfigureAwait(false);
                if (due >= Volatile.Read(ref _measureFrom))
                    Interlocked.Increment(ref _put);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The measured time is over.
            return;
        }
    }
}
