using System.Globalization;

namespace Weir.Model;

/// <summary>A shard's identity inside its stream: numbered from 0 in order of creation and never reused.</summary>
/// <param name="Number">0 to 2147483647.</param>
public readonly record struct ShardId(int Number) : IComparable<ShardId>
{
    private const string Prefix = "shardId-";

    /// <summary>
    /// Reads a shard id the way the service does: what follows the first <c>-</c> (or all of the text) must be decimal digits
    /// with a value up to 2147483647, so <c>5</c>, <c>foo-5</c> and <c>shardId-000000000005</c> are the same (spec section 5.1).
    /// </summary>
    public static bool TryNormalize(ReadOnlySpan<char> text, out ShardId id)
    {
        var dash = text.IndexOf('-');
        var digits = dash < 0 ? text : text[(dash + 1)..];
        var parsed = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        id = new ShardId(number);
        return parsed;
    }

    /// <inheritdoc />
    public int CompareTo(ShardId other) => Number.CompareTo(other.Number);

    /// <summary>Bytes that <see cref="Format"/> writes.</summary>
    public const int TextBytes = 20;

    /// <summary>Writes the text of <see cref="ToString"/> as UTF-8. Allocates nothing.</summary>
    /// <param name="destination">At least <see cref="TextBytes"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int Format(Span<byte> destination)
    {
        destination = destination[..TextBytes];
        "shardId-0000"u8.CopyTo(destination);
        // Ten digits at most; the last eight are written together.
        var (upper, lower) = Math.DivRem((uint)Number, 100_000_000u);
        DecimalDigits.Write8(lower, destination[12..]);
        destination[10] += (byte)(upper / 10);
        destination[11] += (byte)(upper % 10);
        return TextBytes;
    }

    /// <summary><c>shardId-</c> and twelve digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number:D12}");
}
