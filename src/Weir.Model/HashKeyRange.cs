namespace Weir.Model;

/// <summary>A closed range of the hash key space: <b>both ends are inclusive</b>.</summary>
/// <remarks>
/// The open shards of a stream cover the whole space exactly once at all times (spec section 5.1):
/// <code>
///   0                                              2^128 - 1
///   [   shard 0   ][   shard 1   ][    shard 2    ]
/// </code>
/// </remarks>
public readonly record struct HashKeyRange
{
    /// <summary>Makes a range.</summary>
    /// <exception cref="ArgumentException"><paramref name="end"/> lies below <paramref name="start"/>.</exception>
    public HashKeyRange(HashKey start, HashKey end)
    {
        if (end < start)
            throw new ArgumentException($"The range's end {end} lies below its start {start}.", nameof(end));
        Start = start;
        End = end;
    }

    /// <summary>The first hash key of the range.</summary>
    public HashKey Start { get; }

    /// <summary>The last hash key of the range.</summary>
    public HashKey End { get; }

    /// <summary>The whole hash key space.</summary>
    public static HashKeyRange Whole => new(HashKey.Min, HashKey.Max);

    /// <summary>Whether the key lies in the range, ends included.</summary>
    public bool Contains(HashKey key) => Start <= key && key <= End;

    /// <summary>Whether <paramref name="upper"/> begins right after this range ends.</summary>
    public bool IsFollowedBy(HashKeyRange upper) => End < HashKey.Max && End.Value + 1 == upper.Start.Value;

    /// <summary>Whether the range can be split so that the upper child starts at <paramref name="at"/>: start + 1 &lt; at &lt; end.</summary>
    /// <remarks>Kinesis asks for strictly more than start + 1 and less than end (spec section 7.5), so each child holds at least two keys.</remarks>
    public bool CanSplitAt(HashKey at) => Start < HashKey.Max && at.Value > Start.Value + 1 && at < End;

    /// <summary>The two parts of a split: [start, at - 1] and [at, end].</summary>
    /// <remarks>
    /// What a client may ask for is <see cref="CanSplitAt"/>. A scaling goes further: where an old boundary lies one key beside a new one,
    /// a part of one key comes off and is merged with its neighbour.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">A part would be empty: <paramref name="at"/> is the start or lies outside the range.</exception>
    public (HashKeyRange Lower, HashKeyRange Upper) SplitAt(HashKey at)
    {
        if (at == Start || !Contains(at))
            throw new ArgumentOutOfRangeException(nameof(at), at, $"{Start}..{End} cannot be split at {at}.");
        return (new HashKeyRange(Start, new HashKey(at.Value - 1)), new HashKeyRange(at, End));
    }

    /// <summary>This range and the one that follows it, as one.</summary>
    /// <exception cref="ArgumentException"><paramref name="upper"/> does not begin right after this range.</exception>
    public HashKeyRange MergeWith(HashKeyRange upper) =>
        IsFollowedBy(upper)
            ? new HashKeyRange(Start, upper.End)
            : throw new ArgumentException($"{upper.Start}..{upper.End} does not follow {Start}..{End}.", nameof(upper));

    /// <summary>The ranges of a new stream's shards: width floor(2^128 / n), the last one takes the rest.</summary>
    /// <param name="count">Number of shards, at least 1.</param>
    public static HashKeyRange[] Uniform(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        // 2^128 / n without 129-bit arithmetic: (2^128 - 1) / n is the same unless n divides 2^128.
        var (width, rest) = UInt128.DivRem(UInt128.MaxValue, (UInt128)count);
        if (rest == (UInt128)count - 1)
            width++;
        var ranges = new HashKeyRange[count];
        for (var i = 0; i < count; i++)
        {
            var start = (UInt128)i * width;
            var end = i == count - 1 ? UInt128.MaxValue : start + width - 1;
            ranges[i] = new HashKeyRange(new HashKey(start), new HashKey(end));
        }

        return ranges;
    }
}
