using Weir.Model;
using Weir.Producer.Records;
using Weir.Producer.Shards;
using Weir.Protocol;

namespace Weir.Producer.Sending;

/// <summary>
/// Looks at what a request left without an outcome: refused records go again or fail, and aggregates that are in another shard than they were
/// made for wait for the newest shard map, which tells whether their consumers will find them. Belongs to the send loop.
/// </summary>
internal sealed class Unstored(ProducerOptions options, LaneSet lanes, ShardWatch shards, Outcomes outcomes, ProducerMetrics metrics, ProducerLog log, Random random)
{
    // A shard's bucket needs about this long for another aggregate.
    private static readonly TimeSpan ThrottlePause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(5);

    private readonly Backoff _backoff = new(FirstPause, LongestPause, random);
    private readonly List<Misplaced> _misplaced = [];
    private readonly List<OutgoingRecord> _stopped = [];

    // Requests that failed as a whole, since the last one that did not.
    private int _failures;

    /// <summary>Nothing is sent before: the service, or the way to it, is in trouble.</summary>
    public TimeSpan PausedUntil { get; private set; } = TimeSpan.MinValue;

    /// <summary>Takes over a request that has ended.</summary>
    public void Take(PutRequest request, TimeSpan now)
    {
        if (request.FoundAnotherShard && lanes.Map.AskedAt <= request.EndedAt)
            shards.Want();
        if (request.IsStopped)
            _stopped.AddRange(request.Records.OfType<OutgoingRecord>());
        else if (request.Results is null)
            TakeFailed(request, now);
        else
            TakeAnswered(request, now);
        foreach (var (lane, count) in request.Lanes)
            lane.InFlight -= count;
    }

    /// <summary>Decides on what has landed in another shard, once the shards are known.</summary>
    public void Look(TimeSpan now, ref TimeSpan wakeAt)
    {
        for (var i = _misplaced.Count - 1; i >= 0; i--)
        {
            var found = _misplaced[i];
            // The answer of an asking before it is not enough: that was not for the range of the shard, which may be closed again.
            if (shards.Answered < found.Asking)
            {
                var endsAt = YoungestOf(found.Record) + options.TimeToLive;
                if (endsAt > now)
                {
                    wakeAt = endsAt < wakeAt ? endsAt : wakeAt;
                    continue;
                }
            }

            _misplaced.RemoveAt(i);
            Decide(found, now);
            found.Lane.InFlight--;
        }
    }

    /// <summary>Ends the user records at the head of a lane whose time to live is over.</summary>
    public void Expire(ShardLane lane, TimeSpan now)
    {
        lane.Ready.TryTakeFirst(out var record);
        Again(record!, now);
    }

    /// <summary>What is left when the producer is closed.</summary>
    public IEnumerable<OutgoingRecord> Close() => _stopped.Concat(_misplaced.Select(found => found.Record));

    private void TakeFailed(PutRequest request, TimeSpan now)
    {
        _failures++;
        var failure = request.Failure;
        var again = failure?.IsRetryable ?? true;
        var (code, message) = failure is null
            ? ("Record Count Mismatch", "The service answered for another number of records than it was sent.")
            : (failure.Code, failure.Message);
        log.RequestFailed(request.Records.Count, code, message, again);
        if (again)
            PausedUntil = now + _backoff.After(_failures);
        var attempt = AttemptOf(request, code, message);
        for (var i = request.Records.Count - 1; i >= 0; i--)
        {
            var record = request.Records[i]!;
            Count(record, request, attempt);
            if (again)
            {
                Again(record, now);
                continue;
            }

            outcomes.Failed(record, which: null, PutFailureReason.Refused, "The service refused the record.", failure);
            record.Release();
        }
    }

    private void TakeAnswered(PutRequest request, TimeSpan now)
    {
        _failures = 0;
        // From the last one on, for each goes to the head of its lane.
        for (var i = request.Records.Count - 1; i >= 0; i--)
        {
            if (request.Records[i] is not { } record)
                continue;
            var result = request.Results![i];
            if (result is { ErrorCode: null, ShardId: { } shardId, SequenceNumber: { } sequenceNumber })
            {
                _misplaced.Add(new Misplaced(record, record.Lane, shardId, sequenceNumber, request.StartedAt, request.EndedAt, shards.WantRange(shardId)));
                record.Lane.InFlight++;
                continue;
            }

            var code = result.ErrorCode ?? "Incomplete";
            Count(record, request, AttemptOf(request, code, result.ErrorMessage ?? "The service named neither an error nor a position."));
            if (code == ErrorCodes.ProvisionedThroughputExceeded)
                record.Lane.Pace.Throttled(now, ThrottlePause * (0.5 + random.NextDouble()));
            else
                record.RetryAt = now + _backoff.After(record.Sent);
            Again(record, now);
        }
    }

    private void Decide(Misplaced found, TimeSpan now)
    {
        var (record, _, shardId, sequenceNumber, startedAt, answeredAt, _) = found;
        // Consumers drop an aggregate in which one user record is of another shard (spec section 10.4): all of it goes again then.
        var isKnown = lanes.TryGetRange(shardId, out var range);
        if (isKnown && IsWithin(record, range))
        {
            outcomes.Stored(record, shardId, sequenceNumber, [new PutAttempt(startedAt - record.IdleSince, answeredAt - startedAt, null, null)]);
            return;
        }

        metrics.Error(PutAttempt.WrongShard);
        var message = isKnown ? $"It was stored in {shardId}, where consumers pass over it." : $"It was stored in {shardId}, and whether consumers pass over it there is not known.";
        record.AddAttempt([new PutAttempt(startedAt - record.IdleSince, answeredAt - startedAt, PutAttempt.WrongShard, message)]);
        record.IdleSince = answeredAt;
        Again(record, now);
    }

    // To the head of its lane, without the user records whose time to live is over.
    private void Again(OutgoingRecord record, TimeSpan now)
    {
        var expired = new bool[record.Count];
        for (var i = 0; i < expired.Length; i++)
            expired[i] = record[i].AcceptedAt + options.TimeToLive <= now;
        if (!expired.Contains(true))
        {
            lanes.AddFirst(record);
            return;
        }

        log.Expired(expired.Count(one => one), options.TimeToLive);
        outcomes.Failed(record, expired, PutFailureReason.Expired, $"The record's time to live of {options.TimeToLive} is over.{shards.Trouble}");
        var lane = record.Lane;
        var rest = lanes.Rebuild(record, without: expired, _ => lane);
        for (var i = rest.Count - 1; i >= 0; i--)
            lanes.AddFirst(rest[i]);
    }

    private void Count(OutgoingRecord record, PutRequest request, PutAttempt attempt)
    {
        metrics.Error(attempt.ErrorCode!);
        record.AddAttempt([attempt with { Delay = request.StartedAt - record.IdleSince }]);
        record.IdleSince = request.EndedAt;
    }

    private static PutAttempt AttemptOf(PutRequest request, string code, string message) =>
        new(TimeSpan.Zero, request.EndedAt - request.StartedAt, code, message);

    // While one user record may go again, all of them wait for the map: what goes again without need comes twice.
    private static TimeSpan YoungestOf(OutgoingRecord record)
    {
        var youngest = record[0].AcceptedAt;
        for (var i = 1; i < record.Count; i++)
            youngest = record[i].AcceptedAt > youngest ? record[i].AcceptedAt : youngest;
        return youngest;
    }

    private static bool IsWithin(OutgoingRecord record, HashKeyRange range)
    {
        for (var i = 0; i < record.Count; i++)
        {
            if (!range.Contains(record[i].HashKey))
                return false;
        }

        return true;
    }

    // Asking: the number of the asking for shards that has to be answered before it is decided.
    private sealed record Misplaced(
        OutgoingRecord Record, ShardLane Lane, string ShardId, string SequenceNumber, TimeSpan StartedAt, TimeSpan AnsweredAt, long Asking);
}
