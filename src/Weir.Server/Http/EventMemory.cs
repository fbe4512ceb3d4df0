using System.Numerics;
using Weir.Model;

namespace Weir.Server.Http;

/// <summary>Bounds the memory of events that are being sent, however many subscriptions there are and however few of them read.</summary>
/// <remarks>
/// Thread-safe. Each subscription has room for a small event reserved for as long as it lives, so that those who do not read never keep
/// the others from theirs. Larger events share a second budget: while it lasts an event has up to 1 MiB of records; then events are small.
/// Only single records that are larger than a small event wait in line, for a third one.
/// </remarks>
internal sealed class EventMemory : IDisposable
{
    /// <summary>The buffer of a small event.</summary>
    public const int SmallBytes = 64 * 1024;

    /// <summary>The buffer of an event of up to 1 MiB of records, in base64 and with their envelopes.</summary>
    public const int LargeBytes = 2 * 1024 * 1024;

    // What the encoders may ask for at once: the last of it may stay empty.
    private const int SlackBytes = 16 * 1024;

    // The largest record in base64 needs 14 MiB, and buffers double.
    private const int LargestBytes = 16 * 1024 * 1024;

    private readonly ByteBudget _reserved;
    private readonly ByteBudget _large;
    private readonly ByteBudget _single;

    /// <summary>
    /// Makes the budgets. Of 256 MiB: 64 MiB, which are 1,024 subscriptions; 16 MiB, 8 large events; and 32 MiB for large records.
    /// </summary>
    /// <param name="bytes">Of which events have less than half; the rest of it is other budgets'.</param>
    /// <param name="time">Measures waits: the machine's clock, whatever a test makes of the server's.</param>
    public EventMemory(int bytes, TimeProvider time)
    {
        Time = time;
        _reserved = new ByteBudget(bytes / 4, TimeSpan.Zero, time);
        _large = new ByteBudget(bytes / 16, TimeSpan.Zero, time);
        _single = new ByteBudget(Math.Max(LargestBytes, bytes / 8), KinesisLimits.EmptyEventInterval, time);
    }

    /// <summary>The clock of patience with clients.</summary>
    public TimeProvider Time { get; }

    /// <summary>How many encoded bytes a buffer of this size takes.</summary>
    public static int RoomOf(int bufferBytes) => bufferBytes - SlackBytes;

    /// <summary>The size of the buffer for so many encoded bytes.</summary>
    public static int BufferFor(int encodedBytes) => (int)BitOperations.RoundUpToPowerOf2((uint)(encodedBytes + SlackBytes));

    /// <summary>Reserves the small buffer of a subscription for its life.</summary>
    /// <returns>What gives it back when disposed; null when there are as many subscriptions as there may be.</returns>
    public IDisposable? TryReserve() => _reserved.TryTake(SmallBytes);

    /// <summary>Takes a large buffer at once, or not at all.</summary>
    public IDisposable? TryTakeLarge() => _large.TryTake(LargeBytes);

    /// <summary>Waits in line for the buffer of a large record, for as long as a subscription may be silent.</summary>
    /// <returns>Null when the wait was too long.</returns>
    public ValueTask<IDisposable?> TakeAsync(int bufferBytes, CancellationToken cancellationToken) => _single.TakeAsync(bufferBytes, cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        _reserved.Dispose();
        _large.Dispose();
        _single.Dispose();
    }
}
