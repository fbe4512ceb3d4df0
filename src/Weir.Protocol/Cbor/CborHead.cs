namespace Weir.Protocol.Cbor;

/// <summary>The upper three bits of a data item's first byte (RFC 8949, section 3.1).</summary>
internal enum CborMajor : byte
{
    /// <summary>The argument itself.</summary>
    Unsigned = 0,

    /// <summary>-1 minus the argument.</summary>
    Negative = 1,

    /// <summary>A byte string of as many bytes as the argument says.</summary>
    Bytes = 2,

    /// <summary>A text in UTF-8 of as many bytes as the argument says.</summary>
    Text = 3,

    /// <summary>A list of as many items as the argument says.</summary>
    List = 4,

    /// <summary>A map of as many pairs as the argument says.</summary>
    Map = 5,

    /// <summary>A mark on the item that follows.</summary>
    Tag = 6,

    /// <summary>False, true, null, a float, or the end of something of indefinite length.</summary>
    Simple = 7,
}

/// <summary>The first bytes of a data item.</summary>
/// <remarks>
/// <code>
///   first byte    major type (3 bits) | info (5 bits)
///   info          0..23 the argument; 24, 25, 26, 27 the argument follows in 1, 2, 4, 8 bytes, big-endian; 31 indefinite
/// </code>
/// </remarks>
/// <param name="Major">What the item is.</param>
/// <param name="Info">The lower five bits, which say how wide the argument is.</param>
/// <param name="Argument">A value, a length, a number of items or a float's bits.</param>
internal readonly record struct CborHead(CborMajor Major, byte Info, ulong Argument)
{
    /// <summary>Most bytes that a head takes.</summary>
    public const int MaxBytes = 9;

    /// <summary>The info of an item of indefinite length, and of the break that ends it.</summary>
    public const byte Indefinite = 31;

    /// <summary>Begins a map of indefinite length.</summary>
    public const byte BeginMap = 0xBF;

    /// <summary>Begins a list of indefinite length.</summary>
    public const byte BeginList = 0x9F;

    /// <summary>Ends a map, a list, a byte string or a text of indefinite length.</summary>
    public const byte Break = 0xFF;

    /// <summary>False.</summary>
    public const byte False = 0xF4;

    /// <summary>True.</summary>
    public const byte True = 0xF5;

    /// <summary>Null.</summary>
    public const byte Null = 0xF6;

    /// <summary>Undefined, which counts as null.</summary>
    public const byte Undefined = 0xF7;

    /// <summary>Tag 1. The service puts whole milliseconds under it, where RFC 8949 has seconds.</summary>
    public const byte TimeTag = 0xC1;

    /// <summary>The number of <see cref="TimeTag"/>.</summary>
    public const ulong TimeTagNumber = 1;

    /// <summary>The infos of a float of 2, 4 and 8 bytes.</summary>
    public const byte Half = 25;

    /// <inheritdoc cref="Half"/>
    public const byte Single = 26;

    /// <inheritdoc cref="Half"/>
    public const byte Double = 27;

    /// <summary>Whether the item's end is marked by a break rather than told in advance.</summary>
    public bool IsIndefinite => Info == Indefinite;
}
