using Weir.Model;

namespace Weir.Protocol.Records;

/// <summary>What a put said about the hash key.</summary>
internal enum ExplicitHashKey : byte
{
    /// <summary>Nothing: the partition key decides.</summary>
    Absent,

    /// <summary>A number from 0 to 2^128 - 1.</summary>
    InRange,

    /// <summary>A number of up to 39 digits above that: legal for the model, refused by the operation.</summary>
    OutOfRange,
}

/// <summary>Where one record of a put lies in its request's buffer.</summary>
/// <remarks>
/// Kept as offsets, since the buffer may be exchanged between two requests:
/// <code>
///   | data 0 | key 0 | data 1 | key 1 | digits 1 | ...      in the order in which the body named them
/// </code>
/// </remarks>
internal struct PutEntry
{
    /// <summary>Marks an absent partition key; a present one is never empty.</summary>
    public const int AbsentKey = -1;

    public int DataOffset;
    public int DataLength;
    public int KeyOffset;
    public int KeyLength;
    public ExplicitHashKey Explicit;

    /// <summary>The explicit hash key when it is in range; else the partition key's, once somebody has asked for it.</summary>
    public HashKey HashKey;

    /// <summary>The digits of one that is out of range, for the refusal's text.</summary>
    public int DigitsOffset;
    public int DigitsLength;
}
