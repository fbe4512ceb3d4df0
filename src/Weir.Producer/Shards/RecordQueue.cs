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

    /// <summary>One of them, from the head.</summary>
    public OutgoingRecord this[int index] => _items[(_head + index) & (_items.Length - 1)]!;

    /// <summary>Adds one behind the others.</summary>
    public void AddLast(OutgoingRecord item)
    {
        MakeRoom();
        _items[(_head + Count++) & (_items.Length - 1)] = item;
    }

    /// <summary>Adds one before the others.</summary>
    public void AddFirst(OutgoingRecord item)
    {
        MakeRoom();
        _head = (_head - 1) & (_items.Length - 1);
        _items[_head] = item;
        Count++;
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
        return true;
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
