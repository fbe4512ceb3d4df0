using System.Numerics;
using System.Runtime.InteropServices;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>Pooled memory that a disk can be handed directly: it stays where it is, and from 4 KiB on it begins at a multiple of that.</summary>
/// <remarks>
/// Thread-safe, but each piece has one owner, who returns it once. Idle pieces have a bound together; at the bound those go whose size was not
/// asked for lately, so that a log whose commits change their size does not keep what it no longer needs in place of what it does.
/// </remarks>
internal sealed class BlockMemory
{
    /// <summary>Idle pieces of all sizes together: what a few commits take that are under way at the same time.</summary>
    public const long MaxIdleBytes = 8 * 1024 * 1024;

    private const int SmallestBytes = 512;

    // Up to here sizes are powers of two, then multiples of a block, then four for each power of two: a piece is seldom a quarter larger than asked for.
    private const int SmallBytes = LogBlock.Bytes;
    private const int MediumBytes = 4 * LogBlock.Bytes;
    private const int StepBits = 2;

    // The largest put is 10 MiB; a larger append leaves its memory to the collector.
    private const int LargestPooledBytes = 16 * 1024 * 1024;

    // Small pieces are cut from slabs of this size: aligning each on its own would cost a block for each.
    private const int SlabBytes = 1024 * 1024;

    // Above it, one piece that is still held would keep too much of its slab from the collector.
    private const int LargestCutBytes = MediumBytes;

    // How many sizes up an idle piece may be from the one that was asked for.
    private const int StepsLarger = 2;

    private static readonly Lock Gate = new();

    // By size; guarded by Gate, like everything static below. A commit in some 100 us asks for one piece: nobody waits here.
    private static readonly Dictionary<int, Shelf> Shelves = [];
    private static long _idleBytes;

    // Counts what was asked for, to tell which size was not wanted for the longest time.
    private static long _turn;

    // Whether somebody holds the piece. Guards the pool: a piece given back twice would be two owners' at once.
    private bool _isRented = true;

    private BlockMemory(Memory<byte> memory) => Memory = memory;

    /// <summary>All of the piece: at least what was asked for, with any content.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>How long the piece is that <see cref="Rent"/> gives.</summary>
    public static int LengthFor(int bytes) => bytes switch
    {
        <= SmallBytes => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, SmallestBytes)),
        <= MediumBytes => LogBlock.Ceiling(bytes),
        <= LargestPooledBytes => RoundUp(bytes, 1 << (BitOperations.Log2((uint)bytes - 1) - StepBits)),
        _ => bytes,
    };

    /// <summary>Takes a piece.</summary>
    /// <param name="bytes">Least length.</param>
    public static BlockMemory Rent(int bytes)
    {
        var size = LengthFor(bytes);
        if (size > LargestPooledBytes)
            return new BlockMemory(Aligned(size));
        lock (Gate)
        {
            var shelf = ShelfOf_NeedsLock(size);
            shelf.AskedFor = ++_turn;
            if (TryPop_NeedsLock(shelf) is { } piece)
                return piece;
            if (size <= LargestCutBytes)
                return Cut_NeedsLock(shelf);
        }

        return new BlockMemory(Aligned(size));
    }

    /// <summary>Gives the piece back. It must not be used afterwards.</summary>
    public void Return()
    {
        var wasRented = Interlocked.Exchange(ref _isRented, false);
        Invariant.Check(wasRented);
        if (Memory.Length > LargestPooledBytes)
            return;
        lock (Gate)
        {
            var shelf = ShelfOf_NeedsLock(Memory.Length);
            shelf.Idle.Push(this);
            _idleBytes += Memory.Length;
            Evict_NeedsLock(shelf);
        }
    }

    // Of the size itself, or up to half larger: commits come in all sizes, and what one has given back fits the next but seldom exactly.
    private static BlockMemory? TryPop_NeedsLock(Shelf wanted)
    {
        var shelf = wanted;
        for (var larger = 0; !shelf.Idle.TryPeek(out _); larger++)
        {
            var next = LengthFor(shelf.Size + 1);
            if (larger == StepsLarger || next > LargestPooledBytes || wanted.Size <= MediumBytes)
                return null;
            shelf = ShelfOf_NeedsLock(next);
        }

        var piece = shelf.Idle.Pop();
        _idleBytes -= shelf.Size;
        piece._isRented = true;
        return piece;
    }

    private static Shelf ShelfOf_NeedsLock(int size)
    {
        if (!Shelves.TryGetValue(size, out var shelf))
            Shelves.Add(size, shelf = new Shelf(size));
        return shelf;
    }

    // One piece for the caller, the others for those who come next.
    private static BlockMemory Cut_NeedsLock(Shelf shelf)
    {
        var slab = Aligned(SlabBytes);
        for (var at = shelf.Size; at + shelf.Size <= SlabBytes; at += shelf.Size)
        {
            shelf.Idle.Push(new BlockMemory(slab.Slice(at, shelf.Size)) { _isRented = false });
            _idleBytes += shelf.Size;
        }

        Evict_NeedsLock(shelf);
        return new BlockMemory(slab[..shelf.Size]);
    }

    // Takes from the size that was not asked for the longest; from the wanted one only when nothing else is left.
    private static void Evict_NeedsLock(Shelf wanted)
    {
        while (_idleBytes > MaxIdleBytes)
        {
            Shelf? oldest = null;
            foreach (var shelf in Shelves.Values)
            {
                if (shelf.Idle.Count > 0 && shelf != wanted && (oldest is null || shelf.AskedFor < oldest.AskedFor))
                    oldest = shelf;
            }

            oldest ??= wanted;
            oldest.Idle.Pop();
            _idleBytes -= oldest.Size;
        }
    }

    private static int RoundUp(int bytes, int step) => (bytes + step - 1) & -step;

    // Pinned, so that its address is what it was: the collector moves nothing there.
    private static Memory<byte> Aligned(int bytes)
    {
        var array = GC.AllocateUninitializedArray<byte>(bytes + LogBlock.Bytes, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        var start = (int)(LogBlock.Ceiling((long)address) - address);
        return array.AsMemory(start, bytes);
    }

    private sealed class Shelf(int size)
    {
        public readonly int Size = size;
        public readonly Stack<BlockMemory> Idle = new();
        public long AskedFor;
    }
}
