using System.Globalization;
using System.Threading.Channels;
using Weir.Producer;

namespace Weir.Cli.Put;

/// <summary>
/// Puts lines through a producer, in their order, a bounded number at a time, until the input ends, a line is no record, a record fails, or
/// nothing gets through any more. Then every line that was read is stored or named. For one input.
/// </summary>
/// <param name="producer">Puts them. Disposed to give up what it has.</param>
/// <param name="trouble">Has heard what went wrong.</param>
/// <param name="totals">Counts them.</param>
/// <param name="patience">Ends the put when nothing gets through.</param>
/// <param name="time">The clock.</param>
internal sealed class LinePut(KinesisProducer producer, ProducerTrouble trouble, PutTotals totals, Patience patience, TimeProvider time) : IDisposable
{
    /// <summary>
    /// What may be under way, by <see cref="BatchLimits.CostOf"/>: small records of their own keep one shard busy for 8 s. It is within the
    /// producer's credit, so that records do not wait for that.
    /// </summary>
    public const int MaxCostUnderWay = 8 * 1024 * 1024;

    // A batch counts as at least so much: when lines trickle in by ones and twos, later ones share a batch.
    private const int RoomUnit = 64 * 1024;
    private const int RoomUnits = MaxCostUnderWay / RoomUnit;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _room = new(RoomUnits);
    private readonly CancellationTokenSource _failed = new();

    // In the order in which they were put. Never full: each batch in it has a unit of room.
    private readonly Channel<SentBatch> _sent = Channel.CreateBounded<SentBatch>(
        new BoundedChannelOptions(RoomUnits + 1) { SingleReader = true, SingleWriter = true, FullMode = BoundedChannelFullMode.Wait });

    // The settling loop's, until it has ended.
    private readonly UnstoredLines _unstored = new();
    private string? _refusal;
    private PutAttempt? _lastError;

    // Written by the reading loop, read by the watch.
    private long _put;

    // Written by the watch.
    private volatile bool _isOutOfPatience;

    /// <summary>Puts everything.</summary>
    /// <param name="reader">Gives the lines.</param>
    /// <param name="stop">Ends the reading; what was read is put.</param>
    /// <exception cref="CommandFailure">Lines were not stored, or a line is no record; the text names them.</exception>
    public async Task RunAsync(BatchReader reader, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, _failed.Token);
        using var done = new CancellationTokenSource();
        var settling = SettleAsync();
        var watching = WatchAsync(done.Token);
        var unsent = new List<LineBatch>();
        CommandFailure? badLine = null;
        try
        {
            await foreach (var batch in reader.ReadAsync(end.Token).ConfigureAwait(false))
            {
                if (!await TryPutAsync(batch).ConfigureAwait(false))
                    unsent.Add(batch);
            }
        }
        catch (CommandFailure failure)
        {
            badLine = failure;
        }
        finally
        {
            _sent.Writer.Complete();
            await settling.ConfigureAwait(false);
            await done.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        foreach (var batch in unsent)
            AddUnstored(batch);
        if (_unstored.Count > 0)
            throw Failure(reader);
        if (badLine is not null)
            throw badLine;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _room.Dispose();
        _failed.Dispose();
    }

    // False when an earlier line has failed: then no more is put.
    private async ValueTask<bool> TryPutAsync(LineBatch batch)
    {
        var units = Math.Clamp((batch.Cost + RoomUnit - 1) / RoomUnit, 1, RoomUnits);
        try
        {
            for (var i = 0; i < units; i++)
                await _room.WaitAsync(_failed.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        if (_failed.IsCancellationRequested)
            return false;
        var outcomes = producer.PutAsync(batch.Records, CancellationToken.None);
        Interlocked.Add(ref _put, batch.Records.Count);
        return _sent.Writer.TryWrite(new SentBatch(batch, units, outcomes));
    }

    private async Task SettleAsync()
    {
        await foreach (var (batch, units, outcomes) in _sent.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            try
            {
                Settle(batch, await outcomes.ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                // The producer was closed before it had the whole batch, or the stream takes smaller records by now than it did at the start.
                if (exception is not ObjectDisposedException)
                    _refusal ??= exception.Message;
                AddUnstored(batch);
            }

            _room.Release(units);
            if (_unstored.Count == 0)
                continue;
            await _failed.CancelAsync().ConfigureAwait(false);
            await producer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Settle(LineBatch batch, IReadOnlyList<PutOutcome> outcomes)
    {
        for (var i = 0; i < outcomes.Count; i++)
        {
            totals.Add(batch.Records[i], outcomes[i]);
            if (outcomes[i].Failure is not { } failure)
                continue;
            _unstored.Add(batch.LineOf(i));
            var last = failure.Attempts.Count > 0 ? failure.Attempts[^1] : null;
            _lastError = last ?? _lastError;
            // A record that was given up with the producer says nothing of its own.
            if (failure.Reason != PutFailureReason.Stopped)
                _refusal ??= failure.Reason == PutFailureReason.Refused && last is not null ? Describe(last) : failure.Message;
        }
    }

    private void AddUnstored(LineBatch batch)
    {
        for (var i = 0; i < batch.Records.Count; i++)
            _unstored.Add(batch.LineOf(i));
    }

    private async Task WatchAsync(CancellationToken done)
    {
        using var timer = new PeriodicTimer(WatchInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(done).ConfigureAwait(false))
            {
                // In this order: a record that is put meanwhile then counts as waiting, and never as one that got through.
                var put = Interlocked.Read(ref _put);
                var waiting = producer.PendingRecords + producer.WaitingRecords;
                if (!patience.IsOver(put - waiting, areWaiting: waiting > 0))
                    continue;
                _isOutOfPatience = true;
                await producer.DisposeAsync().ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException) when (done.IsCancellationRequested)
        {
            // Everything has its outcome.
            return;
        }
    }

    private CommandFailure Failure(BatchReader reader)
    {
        var error = _lastError is not null ? Describe(_lastError) : trouble.Last;
        var reason = _refusal
            ?? (_isOutOfPatience
                ? string.Create(CultureInfo.InvariantCulture, $"nothing got through for {patience.Length.TotalSeconds:0.#} s: {error ?? "no answer came"}")
                : error ?? "the producer has failed");
        var rest = reader.IsAtEnd ? "" : string.Create(CultureInfo.InvariantCulture, $", and none after line {reader.Lines}");
        return new CommandFailure($"{_unstored}{rest}: {reason}");
    }

    private static string Describe(PutAttempt attempt) => $"{attempt.ErrorMessage} ({attempt.ErrorCode})";

    private sealed record SentBatch(LineBatch Batch, int Units, Task<IReadOnlyList<PutOutcome>> Outcomes);
}
