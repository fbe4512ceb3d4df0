using System.Text;
using Weir.Log;
using Weir.TestKit;

namespace Weir.Simulation.Log;

/// <summary>A block that was given to the log and of which it is not known whether it is there: all of it or nothing may appear.</summary>
internal sealed record UncertainBlock(int Order, string[] Records);

/// <summary>What a shard has to hold, by what the log acknowledged; and the check that it does.</summary>
internal sealed class ShardModel(int shard)
{
    // Acknowledged, in order, from index FirstKept on.
    private readonly List<ReadRecord> _acknowledged = [];
    private readonly List<UncertainBlock> _uncertain = [];

    public int Shard => shard;

    /// <summary>The end of the shard when its closing was acknowledged.</summary>
    public ShardState? End { get; private set; }

    /// <summary>A closing was asked for and never answered.</summary>
    public bool MayBeClosed { get; set; }

    public long NextIndex => _acknowledged.Count == 0 ? _nextIndex : _acknowledged[^1].Index + 1;

    public int Count => _acknowledged.Count;

    public IReadOnlyList<ReadRecord> Acknowledged => _acknowledged;

    // Next index when nothing acknowledged remains.
    private long _nextIndex = 1;

    public void Acknowledge(AppendBlock block, string[] records)
    {
        Require(End is null, "an append to a shard that had ended was acknowledged");
        Require(block.FirstIndex == NextIndex, $"an append was acknowledged with index {block.FirstIndex} where {NextIndex} is next");
        Require(_acknowledged.Count == 0 || block.Time >= _acknowledged[^1].Time, "time went back");
        for (var i = 0; i < records.Length; i++)
            _acknowledged.Add(new ReadRecord(block.FirstIndex + i, records[i], block.Time));
    }

    public void Uncertain(int order, string[] records)
    {
        if (records.Length > 0)
            _uncertain.Add(new UncertainBlock(order, records));
    }

    public void Close(ShardState end)
    {
        Require(End is null || End == end, $"the end of the shard changed from {End} to {end}");
        Require(end.NextIndex == NextIndex, $"the shard ended at {end.NextIndex} and not at {NextIndex}");
        End = end;
    }

    /// <summary>While the log runs undisturbed, readers see what was acknowledged and nothing else.</summary>
    public void CheckLive(List<ReadRecord> read, long fromIndex, DateTimeOffset trimmedBefore)
    {
        var expected = _acknowledged.Where(record => record.Index >= fromIndex).ToList();
        var missing = expected.Count - read.Count;
        Require(missing >= 0, $"{-missing} records more than were acknowledged are visible from {fromIndex} on: {Show(read)}");
        Require(read.SequenceEqual(expected.Skip(missing)), $"visible records differ from the acknowledged ones from {fromIndex} on: {Show(read)}");
        Require(expected.Take(missing).All(record => record.Time < trimmedBefore), $"acknowledged records from {fromIndex} on are not visible: {Show(expected.Take(missing))}");
    }

    /// <summary>A reader that was held while segments were trimmed under it sees what was acknowledged, and misses nothing else than what was trimmed.</summary>
    public void CheckHeld(List<ReadRecord> read, DateTimeOffset trimmedBefore)
    {
        var seen = read.ToHashSet();
        var expected = _acknowledged.Where(record => read.Count > 0 && record.Index >= read[0].Index).ToList();
        Require(read.SequenceEqual(expected.Where(seen.Contains)), $"a reader that was held saw other records than the acknowledged ones: {Show(read)}");
        var missed = expected.Where(record => !seen.Contains(record)).ToList();
        Require(missed.TrueForAll(record => record.Time < trimmedBefore), $"a reader that was held missed acknowledged records: {Show(missed)}");
    }

    /// <summary>
    /// After a restart: everything acknowledged is there (but for what was trimmed, and for the newest ones when the durability
    /// level does not hold against this crash), then possibly blocks whose fate was unknown, whole and in order. What is there now counts as acknowledged.
    /// </summary>
    public void CheckRestart(List<ReadRecord> read, ShardState state, DateTimeOffset trimmedBefore, long mustHaveBelow)
    {
        for (var i = 1; i < read.Count; i++)
            Require(read[i].Index == read[i - 1].Index + 1, $"index {read[i].Index} follows {read[i - 1].Index}");
        var first = read.Count > 0 ? read[0].Index : state.NextIndex;
        var next = read.Count > 0 ? read[^1].Index + 1 : state.NextIndex;
        Require(state.NextIndex == next, $"the next index is {state.NextIndex} behind record {next - 1}");
        Require(next >= Math.Min(mustHaveBelow, NextIndex), $"records up to {Math.Min(mustHaveBelow, NextIndex) - 1} had been durable, the log ends before {next}");

        foreach (var lost in _acknowledged.Where(record => record.Index < first))
            Require(lost.Time < trimmedBefore, $"record {lost} is gone and was not trimmed");
        var known = read.TakeWhile(record => record.Index < NextIndex).ToList();
        var expected = _acknowledged.Where(record => record.Index >= first && record.Index < next).ToList();

        // Where acknowledged records may be lost, an older commit may come in their place that the disk had refused after it had taken its bytes.
        var agreed = mustHaveBelow == long.MaxValue ? known.Count : known.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
        Require(
            known.Take(agreed).SequenceEqual(expected.Take(agreed)),
            $"records changed: {string.Join(", ", known.Except(expected))} where {string.Join(", ", expected.Except(known))} had been acknowledged");
        CheckUncertain([.. read.Skip(agreed).Select(record => record.Text)]);
        CheckEnd(state, next, mustHaveBelow);

        _acknowledged.Clear();
        _acknowledged.AddRange(read);
        _nextIndex = state.NextIndex;
        _uncertain.Clear();
        End = state.ClosedAt is null ? null : state;
        MayBeClosed = false;
    }

    private void CheckUncertain(string[] rest)
    {
        var order = -1;
        for (var at = 0; at < rest.Length;)
        {
            var block = _uncertain.Find(block => block.Order > order && block.Records.AsSpan().SequenceEqual(rest.AsSpan(at, Math.Min(block.Records.Length, rest.Length - at))));
            Require(block is not null, $"records that nobody appended, or half a block, or out of order: {string.Join(", ", rest[at..].Select(Short))}");
            at += block!.Records.Length;
            order = block.Order;
        }
    }

    private void CheckEnd(ShardState state, long next, long mustHaveBelow)
    {
        if (End is { } end && mustHaveBelow == long.MaxValue)
            Require(state == end, $"the shard had ended as {end} and is now {state}");
        else if (End is null)
            Require(state.ClosedAt is null || MayBeClosed, "the shard ended by itself");
        Require(state.ClosedAt is null || state.NextIndex == next, "the shard ended elsewhere");
    }

    private static string Show(IEnumerable<ReadRecord> records) => string.Join(", ", records.Select(record => $"{record.Index}={Short(record.Text)}"));

    private static string Short(string text) => text.Length <= 12 ? text : text[..12];

    private void Require(bool holds, string what)
    {
        if (!holds)
            throw new SimulationException(new StringBuilder().Append("Shard ").Append(shard).Append(": ").Append(what).ToString());
    }
}

/// <summary>The log broke a promise.</summary>
internal sealed class SimulationException(string message) : Exception(message);
