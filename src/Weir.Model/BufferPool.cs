using System.Buffers;
using System.Numerics;

namespace Weir.Model;

/// <summary>Lends byte arrays as <see cref="ArrayPool{T}.Shared"/> does, but keeps idle ones only within a bound.</summary>
/// <remarks>
/// <para>
/// Thread-safe. The runtime's pool keeps dozens of arrays of every size that was ever used, and lets go of them only when the whole
/// machine runs short of memory, which a process with a limit of its own never sees: a load whose sizes change would end in
/// OutOfMemoryException with hardly a byte in use. Here lent and idle arrays together have a bound, and the sizes that were not asked for
/// lately go first. A bound of idle arrays alone would not do: when a commit gives back a hundred arrays at once, they would go to the
/// collector, and be made again a moment later.
/// </para>
/// <para>
/// The smallest arrays are the runtime's business still: they are many and quick, and all that it keeps of them is little. Of every size it keeps
/// some thirty for each core, though, and a commit gives back a hundred requests' at once: what is larger would be made anew each time.
/// </para>
/// </remarks>
public sealed class BufferPool : ArrayPool<byte>
{
    /// <summary>What <see cref="MaxBytes"/> is until somebody says otherwise.</summary>
    public const long DefaultMaxBytes = 512 * 1024 * 1024;

    // Up to here the runtime's pool lends.
    private const int SmallBits = 10;

    // Each power of two is parted into four sizes, so that an array is at most a quarter larger than what was asked for.
    private const int StepBits = 2;
    private const int Steps = 1 << StepBits;

    // 64 MiB: larger than anything that requests, commits and answers are made of.
    private const int LargestBits = 26;

    private readonly Lock _gate = new();

    // By size; guarded by _gate, like everything below.
    private readonly Shelf[] _shelves = [.. Enumerable.Range(0, (LargestBits - SmallBits) << StepBits).Select(number => new Shelf(SizeOf(number)))];
    private long _maxBytes;
    private long _idleBytes;
    private long _lentBytes;

    // Counts what was asked for, to tell which size was not wanted for the longest time.
    private long _turn;

    /// <summary>Makes a pool.</summary>
    /// <param name="maxBytes">See <see cref="MaxBytes"/>.</param>
    public BufferPool(long maxBytes = DefaultMaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        _maxBytes = maxBytes;
    }

    /// <summary>The pool of the process.</summary>
    public static new BufferPool Shared { get; } = new();

    /// <summary>
    /// The bound of lent and idle arrays above 1 KiB together. It never refuses: what is lent beyond it has its own budgets, and leaves
    /// nothing idle.
    /// </summary>
    /// <value>Bytes, from 0. Default 512 MiB. Lowering it lets go of idle arrays at once.</value>
    public long MaxBytes
    {
        get
        {
            lock (_gate)
                return _maxBytes;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            lock (_gate)
            {
                _maxBytes = value;
                Evict_NeedsLock(wanted: null);
            }
        }
    }

    /// <summary>What lies idle at present, in arrays above 1 KiB.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_gate)
                return _idleBytes;
        }
    }

    /// <summary>What is lent at present, in arrays above 1 KiB.</summary>
    public long LentBytes
    {
        get
        {
            lock (_gate)
                return _lentBytes;
        }
    }

    /// <summary>How long the array is that <see cref="Rent"/> gives for a length: what a budget has to count.</summary>
    /// <param name="minimumLength">From 0.</param>
    public static int LengthFor(int minimumLength) => minimumLength switch
    {
        0 => 0,
        <= 1 << SmallBits => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, minimumLength)),
        <= 1 << LargestBits => SizeOf(NumberFor(minimumLength)),
        _ => minimumLength,
    };

    /// <inheritdoc />
    public override byte[] Rent(int minimumLength)
    {
        if (minimumLength <= 1 << SmallBits)
            return ArrayPool<byte>.Shared.Rent(minimumLength);
        if (minimumLength > 1 << LargestBits)
            return GC.AllocateUninitializedArray<byte>(minimumLength);
        var shelf = _shelves[NumberFor(minimumLength)];
        lock (_gate)
        {
            shelf.AskedFor = ++_turn;
            _lentBytes += shelf.Size;
            if (shelf.Idle.TryPop(out var array))
            {
                _idleBytes -= array.Length;
                return array;
            }

            // What is made takes the place of what nobody asked for lately.
            Evict_NeedsLock(shelf);
        }

        try
        {
            return GC.AllocateUninitializedArray<byte>(shelf.Size);
        }
        catch (OutOfMemoryException)
        {
            lock (_gate)
                _lentBytes -= shelf.Size;
            throw;
        }
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The array is none of the sizes that are lent here.</exception>
    public override void Return(byte[] array, bool clearArray = false)
    {
        ArgumentNullException.ThrowIfNull(array);
        if (array.Length <= 1 << SmallBits)
        {
            ArrayPool<byte>.Shared.Return(array, clearArray);
            return;
        }

        if (clearArray)
            array.AsSpan().Clear();
        if (array.Length > 1 << LargestBits)
            return;
        var shelf = _shelves[NumberFor(array.Length)];
        if (shelf.Size != array.Length)
            throw new ArgumentException($"An array of {array.Length} bytes was not lent by this pool.", nameof(array));
        lock (_gate)
        {
            _lentBytes -= array.Length;
            shelf.Idle.Push(array);
            _idleBytes += array.Length;
            Evict_NeedsLock(shelf);
        }
    }

    // Takes from the size that was not asked for the longest; from the wanted one only when nothing else is left.
    private void Evict_NeedsLock(Shelf? wanted)
    {
        while (_idleBytes > 0 && _lentBytes + _idleBytes > _maxBytes)
        {
            Shelf? oldest = null;
            foreach (var shelf in _shelves)
            {
                if (shelf.Idle.Count > 0 && shelf != wanted && (oldest is null || shelf.AskedFor < oldest.AskedFor))
                    oldest = shelf;
            }

            _idleBytes -= (oldest ?? wanted!).Idle.Pop().Length;
        }
    }

    // Sizes above 1 KiB by number: 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4 KiB and so on.
    private static int NumberFor(int length)
    {
        var bits = BitOperations.Log2((uint)length - 1);
        var step = (length - 1 - (1 << bits)) >> (bits - StepBits);
        return ((bits - SmallBits) << StepBits) + step;
    }

    private static int SizeOf(int number)
    {
        var bits = SmallBits + (number >> StepBits);
        return (1 << bits) + (((number & (Steps - 1)) + 1) << (bits - StepBits));
    }

    private sealed class Shelf(int size)
    {
        public readonly int Size = size;
        public readonly Stack<byte[]> Idle = new();
        public long AskedFor;
    }
}
