using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.Consumers;
using Weir.Streams.OnDemand;

namespace Weir.Streams;

/// <summary>One stream: its catalog entry, its shards and its log, as one consistent snapshot that is replaced as a whole.</summary>
/// <remarks>Thread-safe. Data operations take one snapshot and never wait for a control operation.</remarks>
public sealed class DataStream
{
    private readonly Lock _gate = new();

    // Replaced under _gate, read by anyone. Version and shards only ever change together.
    private volatile Snapshot _snapshot;

    // 1 when the on-demand scaling looks at the stream, or has it in its queue. Set by any put, cleared by a look.
    private int _awake;

    // Completed and replaced at each change of the snapshot. Guarded by _gate.
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Completed when the housekeeping that has the stream ends; null when none has it. Guarded by _gate.
    private TaskCompletionSource? _housekeeping;

    // Whose turn it is among the shards of a stream that spreads its records.
    private uint _turn;

    internal DataStream(StreamRow row, StreamTags tags) => _snapshot = new Snapshot(row, ShardMap.Empty, Log: null) { Tags = tags };

    /// <summary>Identity of this incarnation; a stream re-created under the same name has another.</summary>
    public LogId Id => _snapshot.Row.Id;

    /// <summary>Account, region and name.</summary>
    public StreamName Name => _snapshot.Row.Name;

    /// <summary>When CreateStream was accepted.</summary>
    public DateTimeOffset CreatedAt => _snapshot.Row.CreatedAt;

    /// <summary>The stream as it is now.</summary>
    public Snapshot Current => _snapshot;

    /// <summary>Takes the turns of so many records on a stream that spreads them over its shards. Lock-free.</summary>
    /// <returns>The turn of the first of them.</returns>
    internal uint TakeTurns(int count) => Interlocked.Add(ref _turn, (uint)count) - (uint)count;

    /// <summary>What the on-demand scaling knows of the stream; null until it has looked, or as long as the stream is provisioned.</summary>
    internal OnDemandStream? OnDemand { get; set; }

    /// <summary>Wakes a stream that the on-demand scaling does not look at. Lock-free; a read of one field when it is awake.</summary>
    /// <returns>Whether the caller woke it, and has to tell the scaling.</returns>
    internal bool TryWake() => Volatile.Read(ref _awake) == 0 && Interlocked.Exchange(ref _awake, 1) == 0;

    /// <summary>Lets the stream sleep. Traffic that was counted before is seen by the caller; traffic counted later wakes the stream.</summary>
    internal void Sleep() => Interlocked.Exchange(ref _awake, 0);

    /// <summary>Completes at the next change after the one that made <paramref name="seen"/>; at once when that has happened.</summary>
    public Task ChangedSince(Snapshot seen)
    {
        lock (_gate)
            return ReferenceEquals(_snapshot, seen) ? _changed.Task : Task.CompletedTask;
    }

    /// <summary>
    /// Moves from one status to another in memory when the stream is in the first; the caller then owns the transition. Waits for housekeeping to
    /// end: nobody who asks for a change is refused because of what the server does by itself.
    /// </summary>
    /// <returns>The snapshot to work from, or null when the stream is in another status.</returns>
    internal async ValueTask<Snapshot?> EnterAsync(StreamStatus from, StreamStatus to)
    {
        while (true)
        {
            Task ended;
            lock (_gate)
            {
                if (_housekeeping is null)
                    return Enter_NeedsLock(from, to);
                ended = _housekeeping.Task;
            }

            await ended.ConfigureAwait(false);
        }
    }

    /// <summary>Takes an ACTIVE stream for one write to the catalog, which nobody sees in its status. <see cref="EndHousekeeping"/> follows.</summary>
    /// <returns>The snapshot to work from, or null when somebody changes the stream.</returns>
    internal Snapshot? TryBeginHousekeeping()
    {
        lock (_gate)
        {
            if (_snapshot.Row.Status != StreamStatus.Active || _housekeeping is not null)
                return null;
            _housekeeping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _snapshot;
        }
    }

    /// <summary>Lets those go on who wait to change the stream.</summary>
    internal void EndHousekeeping()
    {
        lock (_gate)
        {
            _housekeeping!.SetResult();
            _housekeeping = null;
        }
    }

    /// <summary>Moves to DELETING from any other status.</summary>
    /// <param name="evenWithConsumers">Whether a stream that has consumers goes too.</param>
    /// <returns>The snapshot to work from, or null when the stream has consumers or is being deleted already.</returns>
    internal Snapshot? TryEnterDeleting(bool evenWithConsumers)
    {
        lock (_gate)
        {
            if (_snapshot.Row.Status == StreamStatus.Deleting || (_snapshot.Consumers.Count > 0 && !evenWithConsumers))
                return null;
            Replace_NeedsLock(_snapshot with { Row = _snapshot.Row with { Status = StreamStatus.Deleting } });
            return _snapshot;
        }
    }

    /// <summary>Publishes what a transition's owner has made durable. A stream that is being deleted stays so.</summary>
    internal Snapshot Publish(Func<Snapshot, Snapshot> change)
    {
        lock (_gate)
        {
            var changed = change(_snapshot);
            if (_snapshot.Row.Status == StreamStatus.Deleting)
                changed = changed with { Row = changed.Row with { Status = StreamStatus.Deleting } };
            Replace_NeedsLock(changed);
            return changed;
        }
    }

    private Snapshot? Enter_NeedsLock(StreamStatus from, StreamStatus to)
    {
        if (_snapshot.Row.Status != from)
            return null;
        Replace_NeedsLock(_snapshot with { Row = _snapshot.Row with { Status = to } });
        return _snapshot;
    }

    private void Replace_NeedsLock(Snapshot snapshot)
    {
        _snapshot = snapshot;
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    /// <summary>A stream at one moment.</summary>
    /// <param name="Row">Its catalog entry.</param>
    /// <param name="Shards">Its shards; empty while CREATING.</param>
    /// <param name="Log">Where the records are; null while CREATING.</param>
    public sealed record Snapshot(StreamRow Row, ShardMap Shards, IRecordLog? Log)
    {
        /// <summary>Its tags.</summary>
        public StreamTags Tags { get; init; } = StreamTags.None;

        /// <summary>Its resource policy, the text as given; null when it has none.</summary>
        public string? Policy { get; init; }

        /// <summary>Its readers by enhanced fan-out.</summary>
        public ConsumerList Consumers { get; init; } = ConsumerList.Empty;

        /// <summary>What its rolling quotas count, in order of time.</summary>
        public IReadOnlyList<QuotaUse> QuotaUses { get; init; } = [];

        /// <summary>While the stream is scaled, as many shards as are open at once in the course of it; else 0.</summary>
        public int ScalingPeak { get; init; }

        /// <summary>How many shards count for the account's limit: those that are open, or will be by what was accepted.</summary>
        public int ChargedShards => Row.Status == StreamStatus.Creating ? Row.InitialShards : Math.Max(Shards.Open.Count, ScalingPeak);

        /// <summary>Whether puts and reads are served.</summary>
        public bool TakesRecords => Log is not null && Row.Status is StreamStatus.Active or StreamStatus.Updating;

        /// <summary>How often a quota was used in the period that counts.</summary>
        public int UsesOf(RollingQuota quota, DateTimeOffset now) => QuotaUses.Count(use => use.Quota == quota && use.At > QuotaUse.CountedAfter(now));

        /// <summary>The uses that still count, and a new one.</summary>
        public IReadOnlyList<QuotaUse> UsesWith(QuotaUse added) => [.. QuotaUses.Where(use => use.At > QuotaUse.CountedAfter(added.At)), added];

        /// <summary>Bytes of data and key that a record may have.</summary>
        public int MaxRecordBytes => Row.MaxRecordKib * 1024;

        /// <summary>Records older than this are out of reach. Rises only: a longer retention brings nothing back (spec section 5.8).</summary>
        public DateTimeOffset Horizon(DateTimeOffset now)
        {
            var horizon = now - TimeSpan.FromHours(Row.RetentionHours);
            return horizon > Row.TrimmedBefore ? horizon : Row.TrimmedBefore;
        }
    }
}
