using Weir.Model;

namespace Weir.CrashTests.Mixed;

/// <summary>When a put was sent: it counts for the stream that is there at its answer only if nothing happened to the stream in between.</summary>
internal readonly record struct PutBegin(int Incarnation, bool Doubtful, DateTimeOffset At);

/// <summary>What one stream has to hold after a restart, by what the server has acknowledged.</summary>
/// <remarks>Thread-safe: writers note their answers while the stream is deleted and created again.</remarks>
internal sealed class StreamModel(string name, ModelClock clock)
{
    private readonly Lock _gate = new();

    // Of the present incarnation: what must be there, and what may be.
    private readonly Dictionary<string, Promise> _acknowledged = [];
    private readonly HashSet<string> _unknown = [];
    private int _incarnation;
    private bool _exists;
    private bool _doubtful;
    private int _mostRetentionHours = 24;

    private sealed record Promise(string Shard, SequenceNumber Number, DateTimeOffset PutAt);

    public string Name => name;

    /// <summary>Whether the server has said that the stream exists, or that it does not; meaningless while a creation or deletion is unanswered.</summary>
    public bool Exists
    {
        get
        {
            lock (_gate)
                return _exists;
        }
    }

    /// <summary>Records that had to be there and were, over all restarts, and that had expired.</summary>
    public (long Found, long Expired) Totals { get; private set; }

    public PutBegin BeginPut()
    {
        lock (_gate)
            return new PutBegin(_incarnation, _doubtful || !_exists, clock.Seen);
    }

    public void Acknowledge(PutBegin begun, string id, string shard, string number)
    {
        Assert.True(SequenceNumber.TryParse(number, out var parsed), $"{number} is no sequence number.");
        lock (_gate)
        {
            if (begun.Doubtful || _doubtful || begun.Incarnation != _incarnation)
                _unknown.Add(id);
            else
                Assert.True(_acknowledged.TryAdd(id, new Promise(shard, parsed, begun.At)), $"{id} was acknowledged twice.");
        }
    }

    public void NoteUnknown(string id)
    {
        lock (_gate)
            _unknown.Add(id);
    }

    /// <summary>A creation or deletion is about to be sent: until its answer nobody knows.</summary>
    public void BeginChange()
    {
        lock (_gate)
            _doubtful = true;
    }

    public void Created()
    {
        lock (_gate)
            (_exists, _doubtful, _mostRetentionHours) = (true, false, 24);
    }

    public void Deleted()
    {
        lock (_gate)
        {
            (_exists, _doubtful) = (false, false);
            _incarnation++;
            _acknowledged.Clear();
        }
    }

    /// <summary>A longer retention is about to be asked for.</summary>
    public void BeginRetention(int hours)
    {
        lock (_gate)
            _mostRetentionHours = Math.Max(_mostRetentionHours, hours);
    }

    /// <summary>Settles what a kill left unanswered, by what the next server says.</summary>
    public void Restarted(bool exists)
    {
        lock (_gate)
        {
            Assert.True(_doubtful || exists == _exists, $"{name} {(exists ? "exists, although its deletion was acknowledged" : "is gone, and nobody deleted it")}.");
            if (_exists && !exists)
            {
                _incarnation++;
                _acknowledged.Clear();
            }

            (_exists, _doubtful) = (exists, false);
        }
    }

    /// <summary>Compares everything that the stream holds with everything that was promised.</summary>
    /// <param name="stored">By shard, in the order in which the server gives the records.</param>
    /// <param name="now">The server's clock before it was read.</param>
    public void Verify(IReadOnlyDictionary<string, List<StoredRecord>> stored, DateTimeOffset now)
    {
        lock (_gate)
        {
            var seen = new Dictionary<string, (string Shard, StoredRecord Record)>();
            foreach (var (shard, records) in stored)
                VerifyShard_NeedsLock(shard, records, now, seen);
            VerifyKeys(seen.Values.Select(entry => entry.Record));

            var (found, expired) = (0, 0);
            foreach (var (id, promise) in _acknowledged.ToList())
            {
                if (seen.ContainsKey(id))
                {
                    found++;
                    continue;
                }

                Assert.True(promise.PutAt < clock.Horizon, $"{name}: the acknowledged record {id} of {promise.Shard} is lost (put at {promise.PutAt:O}, horizon {clock.Horizon:O}).");
                // It may come back in a life whose clock is behind, as long as retention has not deleted it.
                _acknowledged.Remove(id);
                _unknown.Add(id);
                expired++;
            }

            Totals = (Totals.Found + found, Totals.Expired + expired);
        }
    }

    private void VerifyShard_NeedsLock(
        string shard, List<StoredRecord> records, DateTimeOffset now, Dictionary<string, (string Shard, StoredRecord Record)> seen)
    {
        StoredRecord? previous = null;
        foreach (var record in records)
        {
            Assert.True(previous is null || record.Number.CompareTo(previous.Number) > 0, $"{name} {shard}: {record.Number} does not follow {previous?.Number}.");
            Assert.True(previous is null || record.ArrivedAt >= previous.ArrivedAt, $"{name} {shard}: {record.Id} arrived before {previous?.Id}, which precedes it.");
            previous = record;
            Assert.True(record.ArrivedAt >= now - TimeSpan.FromHours(_mostRetentionHours), $"{name}: {record.Id} arrived at {record.ArrivedAt:O} and is given at {now:O}.");
            Assert.True(seen.TryAdd(record.Id, (shard, record)), $"{name}: {record.Id} is stored twice.");
            Assert.Equal(Load.Payload(record.Id), record.Payload);
            if (_acknowledged.TryGetValue(record.Id, out var promise))
                Assert.Equal((promise.Shard, promise.Number), (shard, record.Number));
            else
                Assert.True(_unknown.Contains(record.Id), $"{name}: {record.Id} is stored, but nobody put it into this stream.");
        }
    }

    // A writer numbers its records, and sends one request after the other: along a key numbers rise, from shard to shard.
    private void VerifyKeys(IEnumerable<StoredRecord> records)
    {
        foreach (var key in records.GroupBy(record => record.Key))
        {
            var last = -1L;
            foreach (var record in key.OrderBy(record => record.Number))
            {
                var number = MixedLoad.NumberOf(record.Id);
                Assert.True(number > last, $"{name}: key {key.Key} has {record.Id} behind number {last}.");
                last = number;
            }
        }
    }
}
