using System.Diagnostics.CodeAnalysis;
using Weir.Producer.Records;

namespace Weir.Producer.Shards;

/// <summary>A queue that also takes in at its head, for what goes again. Not thread-safe.</summary>
internal sealed class RecordQueue
{
    private OutgoingRecord?[] _items = new OutgoingRecord?[8];
    private int _head;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>What they have together, as the limits count it.</summary>
    public long SizeInBytes { get; private set; }

    /// <summary>One of them, from the head.</summary>
    public OutgoingRecord this[int index] => _items[(_head + index) & (_items.Length - 1)]!;

    /// <summary>Adds one behind the others.</summary>
    public void AddLast(OutgoingRecord item)
    {
        MakeRoom();
        _items[(_head + Count++) & (_items.Length - 1)] = item;
        SizeInBytes += item.SizeInBytes;
    }

    /// <summary>Adds the user record of one to the last one, if that takes more and was never sent.</summary>
    public bool TryJoinLast(OutgoingRecord item)
    {
        if (Count == 0 || this[Count - 1] is not { Takes: true, Sent: 0 } last)
            return false;
        var before = last.SizeInBytes;
        if (!last.TryAdd(item[0], item.DataOf(0).Span))
            return false;
        SizeInBytes += last.SizeInBytes - before;
        return true;
    }

    /// <summary>Adds one before the others.</summary>
    public void AddFirst(OutgoingRecord item)
    {
        MakeRoom();
        _head = (_head - 1) & (_items.Length - 1);
        _items[_head] = item;
        Count++;
        SizeInBytes += item.SizeInBytes;
    }

    /// <summary>Takes the first one.</summary>
    public bool TryTakeFirst([NotNullWhen(true)] out OutgoingRecord? item)
    {
        item = Count == 0 ? null : _items[_head];
        if (item is null)
            return false;
        _items[_head] = null;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        SizeInBytes -= item.SizeInBytes;
        return true;
    }

    /// <summary>Takes some out, in order; the others keep theirs. Costs as much as there are before the last one of them.</summary>
    /// <param name="indexes">Which, from the head; ascending, not empty.</param>
    /// <param name="taken">They are added to it.</param>
    public void Take(ReadOnlySpan<int> indexes, List<OutgoingRecord?> taken)
    {
        foreach (var index in indexes)
        {
            taken.Add(this[index]);
            SizeInBytes -= this[index].SizeInBytes;
        }

        // Those that stay move up to the ones behind the last that is taken.
        var (next, to) = (indexes.Length - 1, indexes[^1]);
        for (var from = to; from >= 0; from--)
        {
            if (next >= 0 && indexes[next] == from)
                next--;
            else
                _items[(_head + to--) & (_items.Length - 1)] = this[from];
        }

        for (var i = 0; i < indexes.Length; i++)
            _items[(_head + i) & (_items.Length - 1)] = null;
        _head = (_head + indexes.Length) & (_items.Length - 1);
        Count -= indexes.Length;
    }

    private void MakeRoom()
    {
        if (Count < _items.Length)
            return;
        var larger = new OutgoingRecord?[_items.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = this[i];
        (_items, _head) = (larger, 0);
    }
}
