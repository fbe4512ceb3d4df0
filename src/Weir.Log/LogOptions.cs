namespace Weir.Log;

/// <summary>Settings of a log store. One object serves all its logs.</summary>
public sealed class LogOptions
{
    private const long KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

    /// <summary>Bytes after which a segment is sealed: small enough that retention gives space back in steps, large enough for few files.</summary>
    public const long DefaultSegmentBytes = 64 * MiB;

    /// <summary>Default of <see cref="QueueBytes"/>: about 0.1 s of what a disk takes.</summary>
    public const long DefaultQueueBytes = 32 * MiB;

    /// <summary>The most that <see cref="QueueBytes"/> may be.</summary>
    public const long MaxQueueBytes = GiB;

    /// <summary>Default of <see cref="TotalQueueBytes"/>.</summary>
    public const long DefaultTotalQueueBytes = 256 * MiB;

    /// <summary>Default of <see cref="TailBytes"/>.</summary>
    public const long DefaultTailBytes = 64 * MiB;

    /// <summary>Default of <see cref="MemoryBytes"/>.</summary>
    public const long DefaultMemoryBytes = GiB;

    /// <summary>What an acknowledgement promises.</summary>
    /// <value>Default <see cref="Durability.Fsync"/>.</value>
    public Durability Durability { get; init; } = Durability.Fsync;

    /// <summary>Length at which a segment is sealed and the next begins. One commit that is larger still goes into one segment.</summary>
    /// <value>Bytes, 4 KiB to 1 GiB. Default 64 MiB.</value>
    public long SegmentBytes { get; init; } = DefaultSegmentBytes;

    /// <summary>Bytes that wait for commit in one log. At the bound an append is refused at once; a single larger append passes when nothing waits.</summary>
    /// <value>Bytes, 1 KiB to 1 GiB. Default 32 MiB.</value>
    public long QueueBytes { get; init; } = DefaultQueueBytes;

    /// <summary>Bytes that wait for commit in all logs of the store together.</summary>
    /// <value>Bytes, at least <see cref="QueueBytes"/>, up to 64 GiB. Default 256 MiB.</value>
    public long TotalQueueBytes { get; init; } = DefaultTotalQueueBytes;

    /// <summary>Memory for the most recent frames of all logs of the store together, so that consumers at the tip do not touch the disk.</summary>
    /// <value>Bytes, 0 (none) to 64 GiB. Default 64 MiB.</value>
    public long TailBytes { get; init; } = DefaultTailBytes;

    /// <summary>What <see cref="MemoryLogStore"/> holds before it refuses appends as full. No meaning on disk.</summary>
    /// <value>Bytes, 1 KiB to 1 TiB. Default 1 GiB.</value>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its value and its range.</exception>
    public void Validate()
    {
        Check(nameof(SegmentBytes), SegmentBytes, 4 * KiB, GiB);
        Check(nameof(QueueBytes), QueueBytes, KiB, MaxQueueBytes);
        Check(nameof(TotalQueueBytes), TotalQueueBytes, QueueBytes, 64 * GiB);
        Check(nameof(TailBytes), TailBytes, 0, 64 * GiB);
        Check(nameof(MemoryBytes), MemoryBytes, KiB, 1024 * GiB);
    }

    private static void Check(string option, long value, long min, long max)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(option, value, $"{nameof(LogOptions)}.{option} is {value}; it must be between {min} and {max} bytes.");
    }
}
