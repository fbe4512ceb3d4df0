using System.Globalization;
using Weir.Producer.Records;

namespace Weir.Producer.Sending;

/// <summary>Ends records: tells who waits, gives their credit back, and counts. Thread-safe.</summary>
internal sealed class Outcomes(string stream, ByteCredit credit, ProducerMetrics metrics)
{
    /// <summary>All user records of an outgoing record are stored. Its memory is returned.</summary>
    /// <param name="record">The outgoing record.</param>
    /// <param name="shardId">Where it is.</param>
    /// <param name="sequenceNumber">Its position there.</param>
    /// <param name="attempt">The attempt that has succeeded, alone; records that it was the first for share it.</param>
    public void Stored(OutgoingRecord record, string shardId, string sequenceNumber, PutAttempt[] attempt)
    {
        record.AddAttempt(attempt);
        metrics.Stored(record);
        var (ended, count, aggregated) = (new EndedRecords(credit), record.Count, record.IsAggregated);
        for (var i = 0; i < count; i++)
        {
            var userRecord = record[i];
            ended.Add(userRecord);
            userRecord.Succeed(new PutResult
            {
                ShardId = shardId,
                SequenceNumber = sequenceNumber,
                SubSequenceNumber = aggregated ? i : null,
                AttemptList = userRecord.Attempts,
            });
        }

        record.Release();
        ended.Tell();
    }

    /// <summary>Some or all user records of an outgoing record have failed. Its memory stays.</summary>
    /// <param name="record">The outgoing record.</param>
    /// <param name="which">Which of its user records, by their index; null means all of them.</param>
    /// <param name="reason">Why.</param>
    /// <param name="message">Why, in a sentence.</param>
    /// <param name="inner">What it comes from.</param>
    public void Failed(OutgoingRecord record, bool[]? which, PutFailureReason reason, string message, Exception? inner = null)
    {
        var ended = new EndedRecords(credit);
        for (var i = 0; i < record.Count; i++)
        {
            var userRecord = record[i];
            if (which is not null && !which[i])
                continue;
            ended.Add(userRecord);
            metrics.Failed(reason);
            userRecord.Fail(FailureOf(reason, userRecord, message, inner), record.DataOf(i));
        }

        ended.Tell();
    }

    /// <summary>A record that was never accepted has failed.</summary>
    public void NotAccepted(PendingRecord record, ReadOnlyMemory<byte> data, PutFailureReason reason, string message)
    {
        // Who still waits for the acceptance of a posted record is told; otherwise the promise or the callback tells.
        if (record.Acceptance is { } acceptance)
        {
            acceptance.TrySetException(Refuse(record, reason, message));
            return;
        }

        var epoch = record.Epoch;
        metrics.Failed(reason);
        record.Fail(FailureOf(reason, record, message, null), data);
        epoch.Exit(1);
    }

    /// <summary>A record that was never accepted is given up; its caller throws what this returns.</summary>
    public PutFailedException Refuse(PendingRecord record, PutFailureReason reason, string message)
    {
        metrics.Failed(reason);
        var exception = FailureOf(reason, record, message, null);
        Forget(record);
        return exception;
    }

    /// <summary>A record that was never accepted is dropped, and its result says so.</summary>
    public void Dropped(PendingRecord record)
    {
        var epoch = record.Epoch;
        metrics.Failed(PutFailureReason.Dropped);
        record.Succeed(default);
        epoch.Exit(1);
    }

    /// <summary>A record that was never accepted ends, and nobody waits for it any more.</summary>
    public void Forget(PendingRecord record)
    {
        var epoch = record.Epoch;
        record.Release();
        epoch.Exit(1);
    }

    /// <summary>What a failure's text says of the attempts.</summary>
    public static string Describe(IReadOnlyList<PutAttempt> attempts) => attempts.Count == 0
        ? "It was never sent."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"It was sent {attempts.Count} time{(attempts.Count == 1 ? "" : "s")}, the last time with {attempts[^1].ErrorCode}: {attempts[^1].ErrorMessage}");

    private PutFailedException FailureOf(PutFailureReason reason, PendingRecord record, string message, Exception? inner) =>
        new(reason, stream, record.PartitionKey, record.Attempts, $"{message} {Describe(record.Attempts)}", inner);
}
