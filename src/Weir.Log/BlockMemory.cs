using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using Weir.Log.Storage;

namespace Weir.Log;

/// <summary>Pooled memory that a disk can be handed directly: it stays where it is, and from 4 KiB on it begins at a multiple of that.</summary>
/// <remarks>Thread-safe, but each piece has one owner, who returns it once.</remarks>
internal sealed class BlockMemory
{
    private const int SmallestBytes = 512;

    // Small pieces are cut from slabs of this size: aligning each on its own would cost a block for each.
    private const int SlabBytes = 1024 * 1024;

    // The largest put is 10 MiB; a larger append leaves its memory to the collector.
    private const int LargestPooledBytes = 16 * 1024 * 1024;

    // Idle pieces of all sizes together: what a few commits take that are under way at the same time.
    private const long MaxIdleBytes = 8 * 1024 * 1024;

    private static readonly ConcurrentQueue<BlockMemory>[] Pools = [.. Enumerable.Range(0, PoolOf(LargestPooledBytes) + 1).Select(_ => new ConcurrentQueue<BlockMemory>())];
    private static long _idleBytes;

    // Whether somebody holds the piece. Guards the pool: a piece given back twice would be two owners' at once.
    private bool _isRented;

    private BlockMemory(Memory<byte> memory) => Memory = memory;

    /// <summary>All of the piece: at least what was asked for, with any content.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>Takes a piece.</summary>
    /// <param name="bytes">Least length.</param>
    public static BlockMemory Rent(int bytes)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, SmallestBytes));
        if (bytes > LargestPooledBytes)
            return Rented(new BlockMemory(Aligned(bytes)));
        var pool = Pools[PoolOf(size)];
        if (pool.TryDequeue(out var piece))
        {
            Interlocked.Add(ref _idleBytes, -size);
            return Rented(piece);
        }

        if (size >= SlabBytes)
            return Rented(new BlockMemory(Aligned(size)));
        var slab = Aligned(SlabBytes);
        for (var at = size; at < SlabBytes; at += size)
            Offer(pool, new BlockMemory(slab.Slice(at, size)));
        return Rented(new BlockMemory(slab[..size]));
    }

    /// <summary>Gives the piece back. It must not be used afterwards.</summary>
    public void Return()
    {
        var wasRented = Interlocked.Exchange(ref _isRented, false);
        Invariant.Check(wasRented);
        if (Memory.Length <= LargestPooledBytes && Interlocked.Read(ref _idleBytes) < MaxIdleBytes)
            Offer(Pools[PoolOf(Memory.Length)], this);
    }

    private static void Offer(ConcurrentQueue<BlockMemory> pool, BlockMemory piece)
    {
        Interlocked.Add(ref _idleBytes, piece.Memory.Length);
        pool.Enqueue(piece);
    }

    private static BlockMemory Rented(BlockMemory piece)
    {
        piece._isRented = true;
        return piece;
    }

    private static int PoolOf(int size) => BitOperations.Log2((uint)size) - BitOperations.Log2(SmallestBytes);

    // Pinned, so that its address is what it was: the collector moves nothing there.
    private static Memory<byte> Aligned(int bytes)
    {
        var array = GC.AllocateUninitializedArray<byte>(bytes + LogBlock.Bytes, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        var start = (int)(LogBlock.Ceiling((long)address) - address);
        return array.AsMemory(start, bytes);
    }
}
