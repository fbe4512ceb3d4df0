using System.Globalization;
using Weir.Protocol.Messages;

namespace Weir.Cli.Tail;

/// <summary>Where reading begins: <c>latest</c>, <c>trim-horizon</c>, a point of time, or so long ago.</summary>
/// <param name="Type">The service's iterator type.</param>
/// <param name="Time">The time of AT_TIMESTAMP.</param>
internal sealed record StartPosition(string Type, DateTimeOffset? Time = null)
{
    /// <summary>What is put from now on.</summary>
    public static StartPosition Latest { get; } = new(ShardIteratorTypes.Latest);

    /// <summary>Everything that is still there.</summary>
    public static StartPosition TrimHorizon { get; } = new(ShardIteratorTypes.TrimHorizon);

    /// <summary>Which shards have something from there on.</summary>
    public ShardFilter Filter => Type switch
    {
        ShardIteratorTypes.Latest => new ShardFilter { Type = ShardFilterTypes.AtLatest },
        ShardIteratorTypes.TrimHorizon => new ShardFilter { Type = ShardFilterTypes.FromTrimHorizon },
        _ => new ShardFilter { Type = ShardFilterTypes.FromTimestamp, Timestamp = Time },
    };

    /// <summary>Reads <c>--from</c>.</summary>
    /// <exception cref="FormatException">The text is none of the forms.</exception>
    public static StartPosition Parse(string text, TimeProvider time)
    {
        switch (text)
        {
            case "latest":
                return Latest;
            case "trim-horizon":
                return TrimHorizon;
        }

        if (TimeText.TryParse(text, out var ago))
            return new StartPosition(ShardIteratorTypes.AtTimestamp, time.GetUtcNow() - ago);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && text.Contains('-')
            ? new StartPosition(ShardIteratorTypes.AtTimestamp, moment)
            : throw new FormatException("expected latest, trim-horizon, a time such as 2026-03-01T12:00:00Z, or so long ago, such as 10m");
    }
}
