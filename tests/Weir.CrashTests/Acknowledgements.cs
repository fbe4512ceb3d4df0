using System.Collections.Concurrent;
using Weir.Model;

namespace Weir.CrashTests;

/// <summary>What the server has promised so far, and what it may or may not have taken: the model that each restart is compared with.</summary>
internal sealed class Acknowledgements
{
    /// <summary>By record: where the server said that it is. Written by the writers, one entry a record.</summary>
    private readonly ConcurrentDictionary<string, (string Shard, SequenceNumber Number)> _acknowledged = new();

    // Sent, but the answer never came. Such a record may be there once.
    private readonly ConcurrentDictionary<string, bool> _unknown = new();

    public int Count => _acknowledged.Count;

    public void Add(string record, string shard, string number)
    {
        Assert.True(SequenceNumber.TryParse(number, out var parsed), $"{number} is no sequence number.");
        Assert.True(_acknowledged.TryAdd(record, (shard, parsed)), $"{record} was acknowledged twice.");
    }

    public void AddUnknown(string record) => _unknown[record] = true;

    /// <summary>Every record that has been acknowledged so far.</summary>
    public HashSet<string> Ids() => [.. _acknowledged.Keys];

    /// <summary>Compares everything that is stored now with everything that was promised.</summary>
    /// <param name="stored">By shard, in the order in which the server gives the records.</param>
    public void Verify(IReadOnlyDictionary<string, List<StoredRecord>> stored) => VerifyCopy(stored, _acknowledged.Keys);

    /// <summary>Compares what a copy holds with what was promised, and sees that a part of it is all there.</summary>
    /// <param name="stored">By shard, in the order in which the server gives the records.</param>
    /// <param name="required">What the copy must have.</param>
    public void VerifyCopy(IReadOnlyDictionary<string, List<StoredRecord>> stored, IEnumerable<string> required)
    {
        var seen = new HashSet<string>();
        foreach (var (shard, records) in stored)
        {
            SequenceNumber? previous = null;
            foreach (var record in records)
            {
                Assert.True(previous is null || record.Number.CompareTo(previous.Value) > 0, $"{shard}: {record.Number} does not follow {previous}.");
                previous = record.Number;
                Assert.True(seen.Add(record.Id), $"{record.Id} is stored twice.");
                Assert.Equal(Load.Payload(record.Id), record.Payload);
                if (_acknowledged.TryGetValue(record.Id, out var promised))
                    Assert.Equal(promised, (shard, record.Number));
                else
                    Assert.True(_unknown.ContainsKey(record.Id), $"{record.Id} is stored, but nobody put it.");
            }
        }

        var lost = required.Where(id => !seen.Contains(id)).Order().ToList();
        Assert.True(lost.Count == 0, $"{lost.Count} of {_acknowledged.Count} acknowledged records are lost, the first is {lost.FirstOrDefault()}.");
    }
}

/// <summary>A record as it is read back.</summary>
internal sealed record StoredRecord(string Id, SequenceNumber Number, string Payload)
{
    public required string Key { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }
}
