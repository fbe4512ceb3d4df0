using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Weir.Model;
using Weir.Protocol.Aggregation;

namespace Weir.Producer.Tests.Consuming;

/// <summary>
/// What was put into a stream and what was told of each record, held against what a consumer gets: each record has one outcome, is where its result says,
/// and comes as often as its attempts allow.
/// </summary>
internal sealed class PutLog
{
    // Attempts of which nobody knows whether they stored the record.
    private static readonly string[] Unanswered = ["Broken", "TimedOut"];

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _next = new(StringComparer.Ordinal);

    /// <summary>Records that were put.</summary>
    public int Count => _entries.Count;

    /// <summary>Records that were stored, as the producer said.</summary>
    public int Stored => _entries.Values.Count(entry => entry.IsStored);

    /// <summary>Records that failed, as the producer said.</summary>
    public int Failed => _entries.Values.Count(entry => !entry.IsStored);

    /// <summary>Attempts that ended in that way.</summary>
    public int Attempts(Func<PutAttempt, bool> which) => _entries.Values.Sum(entry => entry.Attempts.Count(which));

    /// <summary>The next record of a key. Only one task may ask for the records of a key.</summary>
    /// <param name="key">The partition key.</param>
    /// <param name="hashKey">Its explicit hash key, always the same for a key.</param>
    /// <param name="padding">Bytes of data besides the record's name.</param>
    public UserRecord Next(string key, HashKey? hashKey, int padding)
    {
        var number = _next.AddOrUpdate(key, 0, (_, last) => last + 1);
        var name = string.Create(CultureInfo.InvariantCulture, $"{key}:{number}");
        var record = new UserRecord(key, hashKey, Encoding.UTF8.GetBytes(name + ";" + new string('x', padding)));
        Assert.True(_entries.TryAdd(name, new Entry(name, number, record)));
        return record;
    }

    /// <summary>Notes that the record was put and awaits its outcome.</summary>
    public async Task AwaitAsync(UserRecord record, ValueTask<PutResult> put)
    {
        var entry = _entries[NameOf(record)];
        try
        {
            entry.Tell(new PutOutcome(await put, null));
        }
        catch (PutFailedException failure)
        {
            entry.Tell(new PutOutcome(default, failure));
        }
    }

    /// <summary>The same for a batch.</summary>
    public async Task AwaitAsync(IReadOnlyList<UserRecord> records, Task<IReadOnlyList<PutOutcome>> put)
    {
        var outcomes = await put;
        Assert.Equal(records.Count, outcomes.Count);
        foreach (var (record, outcome) in records.Zip(outcomes))
            _entries[NameOf(record)].Tell(outcome);
    }

    /// <summary>The record was posted: only a failure will be told.</summary>
    public void Posted(UserRecord record) => _entries[NameOf(record)].IsPosted = true;

    /// <summary>A posted record has failed.</summary>
    public void PostFailed(FailedPut failed)
    {
        var entry = _entries[NameOf(new UserRecord(failed.PartitionKey, failed.ExplicitHashKey, failed.Data))];
        Assert.True(failed.Data.Span.SequenceEqual(entry.Record.Data.Span), $"{entry.Name} failed with other data.");
        entry.Tell(new PutOutcome(default, failed.Failure));
    }

    /// <summary>Compares. Only when everything has its outcome.</summary>
    /// <param name="delivered">What a consumer got.</param>
    /// <param name="losesAnswers">Whether there was anything that may store a record and not say so.</param>
    /// <param name="keepsOrder">Whether the stored records of a key come in the order in which they were put.</param>
    public void Check(IReadOnlyList<Delivery> delivered, bool losesAnswers, bool keepsOrder)
    {
        var places = delivered.ToDictionary(one => (one.ShardId, one.SequenceNumber, one.Index));
        var copies = delivered.CountBy(one => NameOf(one.Record)).ToDictionary(StringComparer.Ordinal);
        foreach (var entry in _entries.Values)
        {
            var found = copies.GetValueOrDefault(entry.Name);
            // Whose time was over before the shards were known is told as failed, though its consumers may find it where it landed.
            var most = (entry.IsStored ? 1 : entry.Attempts.Count(attempt => attempt.ErrorCode == PutAttempt.WrongShard)) + (losesAnswers ? entry.Attempts.Count(attempt => Unanswered.Contains(attempt.ErrorCode)) : 0);
            if (entry.IsStored && !entry.IsPosted)
                CheckPlace(entry, places);
            Assert.True(!entry.IsStored || found > 0, $"{entry.Name} was stored, but no consumer finds it.");
            // Nobody tells how often a posted record was sent.
            Assert.True(
                found <= most || (entry.IsPosted && entry.IsStored && losesAnswers),
                $"{entry.Name} {(entry.IsStored ? "was stored" : "failed")} and is there {found} times, after {Text(entry.Attempts)}.");
        }

        Assert.True(copies.Keys.All(_entries.ContainsKey), "Records came that nobody has put.");
        if (keepsOrder)
            CheckOrder(delivered);
    }

    private static void CheckPlace(Entry entry, Dictionary<(string, string, int?), Delivery> places)
    {
        var result = entry.Outcome!.Value.Result;
        Assert.True(
            places.TryGetValue((result.ShardId!, result.SequenceNumber!, result.SubSequenceNumber), out var found),
            $"{entry.Name} is not at {result.ShardId} {result.SequenceNumber} {result.SubSequenceNumber}, or no consumer finds it there.");
        Assert.Equal(entry.Record.PartitionKey, found.Record.PartitionKey);
        Assert.True(found.Record.Data.Span.SequenceEqual(entry.Record.Data.Span), $"{entry.Name} has other data.");
        Assert.True(
            result.Attempts[^1].Succeeded && result.Attempts.SkipLast(1).All(attempt => !attempt.Succeeded), $"{entry.Name}: {Text(result.Attempts)}");
    }

    // A repetition may come later, and one that failed whenever its lost attempt was carried out: the first of each stored record decides.
    private void CheckOrder(IReadOnlyList<Delivery> delivered)
    {
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in delivered)
        {
            var entry = _entries[NameOf(one.Record)];
            if (!entry.IsStored || !seen.Add(entry.Name))
                continue;
            var before = last.GetValueOrDefault(entry.Record.PartitionKey, -1);
            Assert.True(entry.Number > before, $"{entry.Name} came after {before}: {Text(entry.Attempts)}.");
            last[entry.Record.PartitionKey] = entry.Number;
        }
    }

    private static string NameOf(UserRecord record)
    {
        var data = record.Data.Span;
        return Encoding.UTF8.GetString(data[..data.IndexOf((byte)';')]);
    }

    private static string Text(IReadOnlyList<PutAttempt> attempts) => string.Join(", ", attempts.Select(attempt => attempt.ErrorCode ?? "success"));

    private sealed class Entry(string name, int number, UserRecord record)
    {
        private int _told;

        public string Name => name;

        public int Number => number;

        public UserRecord Record => record;

        public bool IsPosted { get; set; }

        public PutOutcome? Outcome { get; private set; }

        public bool IsStored => Outcome?.IsStored ?? IsPosted;

        public IReadOnlyList<PutAttempt> Attempts => Outcome is not { } outcome ? [] : outcome.Failure?.Attempts ?? outcome.Result.Attempts;

        public void Tell(PutOutcome outcome)
        {
            Assert.True(Interlocked.Increment(ref _told) == 1, $"{name} was told twice.");
            Assert.True(outcome.IsStored || outcome.Failure!.Attempts.All(attempt => !attempt.Succeeded), $"{name} failed after a success.");
            Outcome = outcome;
        }
    }
}
