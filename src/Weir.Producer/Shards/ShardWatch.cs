using Weir.Client;
using Weir.Producer.Sending;

namespace Weir.Producer.Shards;

/// <summary>Keeps the shard map: asks for the shards at first, and again when a record has landed where none was expected. Belongs to the send loop.</summary>
internal sealed class ShardWatch(ShardLister lister, LaneSet lanes, ProducerLog log, Random random, Action wake)
{
    // A reshard of many shards changes the map many times.
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LimitInterval = TimeSpan.FromMinutes(1);

    private readonly Backoff _backoff = new(FirstPause, LongestPause, random);

    private Task _asking = Task.CompletedTask;
    private bool _isAsking;

    // What came of it: a listing or an exception. Written by the asking task, taken by the loop.
    private volatile object? _answer;

    // Written by the loop, read by anyone; 0 until the service has said it.
    private volatile int _maxRecordBytes;

    private TimeSpan _notBefore = TimeSpan.MinValue;
    private HashSet<string> _wantedRanges = new(StringComparer.Ordinal);
    private HashSet<string> _askedRanges = new(StringComparer.Ordinal);
    private TimeSpan? _limitAskedAt;
    private int _failures;
    private bool _withoutShards;

    // Askings are numbered from 1: by time alone, one that was begun before a range was wanted could pass for its answer.
    private long _begun;
    private long _wanted;

    /// <summary>Whether records may be sent: the shards are known, or cannot be.</summary>
    public bool MaySend => lanes.HasShards || _withoutShards;

    /// <summary>Bytes of data and key that a record may have, as the service said it; null while it has not. Thread-safe.</summary>
    public int? MaxRecordBytes => _maxRecordBytes is > 0 and var bytes ? bytes : null;

    /// <summary>Why records wait for the shards, as a sentence that follows another one; empty when they do not.</summary>
    public string Trouble { get; private set; } = "";

    /// <summary>The number of the newest asking whose answer was taken over.</summary>
    public long Answered { get; private set; }

    /// <summary>Asks for the shards anew.</summary>
    /// <returns>The number of the asking, which has not begun: once that many are <see cref="Answered"/>, its answer is known.</returns>
    public long Want() => _wanted = _begun + 1;

    /// <summary>As <see cref="Want"/>, and asks for the range of a shard if it is not known: the shard may be closed again by then.</summary>
    public long WantRange(string shardId)
    {
        if (!lanes.TryGetRange(shardId, out _))
            _wantedRanges.Add(shardId);
        return Want();
    }

    /// <summary>Takes an answer over, and asks if it is time.</summary>
    public void Look(TimeSpan now, ref TimeSpan wakeAt, bool hasRecords, CancellationToken stop)
    {
        if (_answer is { } answer)
        {
            _answer = null;
            _isAsking = false;
            if (answer is ShardListing listing)
                Take(listing, now);
            else
                Fail((Exception)answer, now);
        }

        var isWanted = lanes.HasShards ? Answered < _wanted : hasRecords;
        if (!isWanted || _isAsking)
            return;
        if (_notBefore > now)
        {
            wakeAt = _notBefore < wakeAt ? _notBefore : wakeAt;
            return;
        }

        _isAsking = true;
        _begun++;
        var ranges = _askedRanges = _wantedRanges;
        _wantedRanges = new HashSet<string>(StringComparer.Ordinal);
        // An account may describe its streams 20 times a second, all programs together, and the limit hardly ever changes.
        var asksLimit = _limitAskedAt is not { } asked || now - asked > LimitInterval;
        if (asksLimit)
            _limitAskedAt = now;
        _asking = Task.Run(() => AskAsync(ranges, asksLimit, now, stop), CancellationToken.None);
    }

    /// <summary>Waits until nothing is asked any more.</summary>
    public Task EndAsync() => _asking;

    private async Task AskAsync(HashSet<string> ranges, bool asksLimit, TimeSpan now, CancellationToken stop)
    {
        try
        {
            _answer = await lister.ListAsync(ranges, asksLimit, now, stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is KinesisException or InvalidDataException or OperationCanceledException)
        {
            _answer = exception;
        }

        wake();
    }

    private void Take(ShardListing listing, TimeSpan now)
    {
        _failures = 0;
        Answered = _begun;
        _notBefore = now + (ShortestInterval * (0.5 + random.NextDouble()));
        if (listing.MaxRecordBytes is { } bytes)
            _maxRecordBytes = bytes;
        Trouble = "";
        lanes.Replace(listing);
        log.ShardsKnown(listing.Shards.Count);
    }

    private void Fail(Exception exception, TimeSpan now)
    {
        _failures++;
        _wantedRanges.UnionWith(_askedRanges);
        var again = exception is not KinesisException { IsRetryable: false };
        _notBefore = now + (again ? _backoff.After(_failures) : LongestPause);
        Trouble = $" The stream's shards could not be read: {exception.Message}";
        // Who may not list the shards may still put: each record goes by itself, to wherever the service puts it.
        _withoutShards |= !again;
        log.ShardsUnknown(exception.Message, _withoutShards);
    }
}
