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

    /// <summary><c>shardId-</c> and twelve digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number:D12}");
}
