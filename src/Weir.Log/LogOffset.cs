namespace Weir.Log;

/// <summary>
/// A place in a whole log, counted in bytes over all its segments: base offset of the segment plus place in its file. It never
/// comes again, so that a frame that states its own offset cannot be taken for another one.
/// </summary>
internal readonly record struct LogOffset(long Value)
{
    public static LogOffset operator +(LogOffset offset, long bytes) => new(offset.Value + bytes);

    public static long operator -(LogOffset left, LogOffset right) => left.Value - right.Value;

    public static bool operator <(LogOffset left, LogOffset right) => left.Value < right.Value;

    public static bool operator >(LogOffset left, LogOffset right) => left.Value > right.Value;

    public static bool operator <=(LogOffset left, LogOffset right) => left.Value <= right.Value;

    public static bool operator >=(LogOffset left, LogOffset right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
