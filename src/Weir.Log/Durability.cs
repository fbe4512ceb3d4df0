using System.Globalization;

namespace Weir.Log;

/// <summary>What an acknowledgement promises. Printed and parsed as <c>fsync</c>, <c>interval=100ms</c> or <c>os</c>.</summary>
public readonly record struct Durability
{
    private readonly TimeSpan? _interval;
    private readonly bool _os;

    private Durability(TimeSpan? interval, bool os)
    {
        _interval = interval;
        _os = os;
    }

    /// <summary>The shortest and the longest interval: below, a group commit with fsync costs no more; above, too much is at stake.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(1), MaxInterval = TimeSpan.FromMinutes(1);

    /// <summary>Acknowledged after fsync: neither a crash of the process nor of the machine takes a record back. The default.</summary>
    public static Durability Fsync => default;

    /// <summary>Acknowledged after the write; fsynced by the operating system when it likes. A crash of the machine takes back what it had not.</summary>
    public static Durability Os => new(null, os: true);

    /// <summary>True when an append waits for fsync.</summary>
    public bool IsFsync => _interval is null && !_os;

    /// <summary>The longest time that acknowledged bytes stay without fsync; null when there is no such time.</summary>
    public TimeSpan? SyncInterval => _interval;

    /// <summary>Acknowledged after the write, and fsynced at most this much later: a crash of the machine takes back no more than that.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not between <see cref="MinInterval"/> and <see cref="MaxInterval"/>.</exception>
    public static Durability Interval(TimeSpan interval)
    {
        if (interval < MinInterval || interval > MaxInterval)
            throw new ArgumentOutOfRangeException(nameof(interval), interval, "The durability interval is between 1 ms and 1 minute.");
        return new(interval, os: false);
    }

    /// <summary>Reads <c>fsync</c>, <c>os</c> or <c>interval=</c> with a whole number of <c>ms</c> or <c>s</c>.</summary>
    /// <exception cref="FormatException">The text is none of these, or the interval is out of range.</exception>
    public static Durability Parse(string text)
    {
        const string Prefix = "interval=";
        if (text == "fsync")
            return Fsync;
        if (text == "os")
            return Os;
        if (text.StartsWith(Prefix, StringComparison.Ordinal) && ParseTime(text.AsSpan(Prefix.Length)) is { } time
            && time >= MinInterval && time <= MaxInterval)
            return Interval(time);
        throw new FormatException($"'{text}' is no durability: expected fsync, interval=<time> (1ms to 60s), or os.");
    }

    /// <inheritdoc/>
    public override string ToString() => _os ? "os"
        : _interval is { } time ? string.Create(CultureInfo.InvariantCulture, $"interval={time.TotalMilliseconds:0}ms")
        : "fsync";

    private static TimeSpan? ParseTime(ReadOnlySpan<char> text)
    {
        var unit = text.EndsWith("ms") ? 1 : text.EndsWith("s") ? 1000 : 0;
        var digits = text[..^Math.Min(text.Length, unit == 1 ? 2 : 1)];
        return unit != 0 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? TimeSpan.FromMilliseconds((long)number * unit)
            : null;
    }
}
