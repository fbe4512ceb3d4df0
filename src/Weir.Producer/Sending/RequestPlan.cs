using System.Runtime.InteropServices;
using Weir.Model;
using Weir.Producer.Records;
using Weir.Producer.Shards;

namespace Weir.Producer.Sending;

/// <summary>Chooses what goes into the next request: collection, in the KPL's words. Belongs to the send loop.</summary>
/// <remarks>
/// Lanes take turns. A request goes when one of its records is due, when it is large enough to be worth it, or when it is full: by its records, by its
/// bytes, or because one shard has its share of it already.
/// </remarks>
internal sealed class RequestPlan(ProducerOptions options)
{
    /// <summary>Bytes of a request, unless its only record is larger: half of what the service takes, as the KPL.</summary>
    public const int MaxRequestBytes = KinesisLimits.MaxPutRecordsBytes / 2;

    /// <summary>Bytes of one shard in a request, unless its only record is larger, as the KPL: a quarter of what a shard takes in a second.</summary>
    public const int MaxShardBytes = 256 * 1024;

    /// <summary>
    /// Bytes that make a request worth sending before any of its records is due: larger ones are hardly cheaper by the byte, and while the requests in
    /// flight are as many as may be, requests become larger by themselves.
    /// </summary>
    public const int WorthwhileBytes = 512 * 1024;

    // Records of keys that go already, which are passed over for others behind them: so many requests' worth.
    private const int MaxSkipped = 4 * KinesisLimits.MaxPutRecordsEntries;

    private readonly List<(ShardLane Lane, int Count, long Bytes)> _picked = [];

    // Where in the lanes' queues the picked records are, lane by lane.
    private readonly List<int> _indexes = [];

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _turn;

    private long _bytes;
    private bool _isDue;
    private bool _isFull;

    /// <summary>Takes the next request out of the lanes.</summary>
    /// <param name="lanes">Those that have something.</param>
    /// <param name="now">The time.</param>
    /// <param name="hurry">Whether nothing waits for company: somebody flushes.</param>
    /// <param name="wakeAt">Becomes earlier if something has to be looked at then.</param>
    /// <returns>Null when there is nothing to send now.</returns>
    public PutRequest? TryTake(IReadOnlyList<ShardLane> lanes, TimeSpan now, bool hurry, ref TimeSpan wakeAt)
    {
        if (!hurry && !options.KeepOrder && IsTooEarly(lanes, now, ref wakeAt))
            return null;
        (_bytes, _isDue, _isFull) = (0, hurry, false);
        _picked.Clear();
        _indexes.Clear();
        var first = lanes.Count == 0 ? 0 : _turn++ % lanes.Count;
        for (var i = 0; i < lanes.Count && !_isFull; i++)
            Pick(lanes[(first + i) % lanes.Count], now, ref wakeAt);
        return _indexes.Count > 0 && (_isDue || _isFull || _bytes >= WorthwhileBytes) ? Take(now) : null;
    }

    /// <summary>Whether the lane may send at all at present, apart from its pace.</summary>
    public bool MaySend(ShardLane lane) => !options.KeepOrder || (lane.InFlight == 0 && !lane.WaitsForPredecessors());

    // Whether nothing can be due yet, by the lanes' sums alone: the loop wakes for every record that is ready.
    private bool IsTooEarly(IReadOnlyList<ShardLane> lanes, TimeSpan now, ref TimeSpan wakeAt)
    {
        var (count, bytes, due) = (0, 0L, TimeSpan.MaxValue);
        foreach (var lane in lanes)
        {
            if (lane.Ready.Count == 0)
                continue;
            if (lane.Ready[0].Sent > 0 || lane.Ready.SizeInBytes > MaxShardBytes)
                return false;
            count += lane.Ready.Count;
            bytes += lane.Ready.SizeInBytes;
            Earlier(ref due, lane.Ready[0].StartedAt + options.MaxBufferedTime);
        }

        if (count >= KinesisLimits.MaxPutRecordsEntries || bytes >= WorthwhileBytes || due <= now)
            return false;
        Earlier(ref wakeAt, due);
        return true;
    }

    private void Pick(ShardLane lane, TimeSpan now, ref TimeSpan wakeAt)
    {
        if (!MaySend(lane))
            return;
        var (first, bytes) = (_indexes.Count, 0L);
        _keys.Clear();
        for (var at = 0; !_isFull && at < lane.Ready.Count; at++)
        {
            var record = lane.Ready[at];
            var count = _indexes.Count - first;
            if (record.RetryAt > now)
            {
                Earlier(ref wakeAt, record.RetryAt);
                break;
            }

            if (options.KeepOrder && count > 0)
            {
                // What cannot go with these has to wait for their answer: so they do not wait for others.
                if (record.IsAggregated || lane.Ready[0].IsAggregated || at - count == MaxSkipped)
                {
                    _isDue = true;
                    break;
                }

                // A shard's records are stored in the order of a request's entries or are refused one by one: only different keys may go together.
                if (_keys.Contains(record.PartitionKey))
                {
                    _isDue = true;
                    continue;
                }
            }

            var size = record.SizeInBytes;
            // Not every stream takes it, nor does it so for ever, and its refusal would take the whole request with it.
            var isAlone = size > KinesisLimits.DefaultMaxRecordBytes;
            if (_indexes.Count > 0 && (isAlone || _indexes.Count == KinesisLimits.MaxPutRecordsEntries || _bytes + bytes + size > MaxRequestBytes))
            {
                _isFull = true;
                break;
            }

            if (count > 0 && bytes + size > MaxShardBytes)
            {
                _isDue = true;
                break;
            }

            var wait = lane.Pace.WaitFor(count + 1, bytes + size, now);
            if (wait > TimeSpan.Zero)
            {
                Earlier(ref wakeAt, now + wait);
                break;
            }

            if (options.KeepOrder)
                _keys.Add(record.PartitionKey);
            _indexes.Add(at);
            bytes += size;
            _isFull = isAlone;
            var dueAt = record.Sent > 0 ? now : record.StartedAt + options.MaxBufferedTime;
            _isDue |= dueAt <= now;
            Earlier(ref wakeAt, dueAt);
        }

        if (_indexes.Count == first)
            return;
        _picked.Add((lane, _indexes.Count - first, bytes));
        _bytes += bytes;
    }

    private PutRequest Take(TimeSpan now)
    {
        var request = new PutRequest(now);
        var indexes = CollectionsMarshal.AsSpan(_indexes);
        foreach (var (lane, count, bytes) in _picked)
        {
            lane.Ready.Take(indexes[..count], request.Records);
            indexes = indexes[count..];
            lane.Pace.Take(count, bytes);
            lane.InFlight += count;
            request.Lanes.Add((lane, count));
        }

        foreach (var record in request.Records)
            record!.Sent++;
        return request;
    }

    private static void Earlier(ref TimeSpan time, TimeSpan other)
    {
        if (other < time)
            time = other;
    }
}
