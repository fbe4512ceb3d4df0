using System.Globalization;

namespace Weir.Model;

/// <summary>What names a reader by enhanced fan-out: <c>&lt;stream's ARN&gt;/consumer/&lt;name&gt;:&lt;creation time&gt;</c>.</summary>
/// <param name="Stream">The stream that is read.</param>
/// <param name="Name">1 to 128 characters of <c>a-z A-Z 0-9 _ . -</c>.</param>
/// <param name="CreatedSeconds">Seconds since 1970: a consumer that is registered again under its name is another one. Source: spec 5.9 [D].</param>
public readonly record struct ConsumerArn(StreamName Stream, string Name, long CreatedSeconds)
{
    private const string Separator = "/consumer/";

    /// <summary>Reads a consumer's ARN.</summary>
    public static bool TryParse(string arn, out ConsumerArn consumer)
    {
        consumer = default;
        var at = arn.IndexOf(Separator, StringComparison.Ordinal);
        if (at < 0 || !StreamName.TryParseArn(arn[..at], out var stream))
            return false;
        var rest = arn[(at + Separator.Length)..];
        var colon = rest.LastIndexOf(':');
        if (colon <= 0 || !long.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var created))
            return false;
        consumer = new ConsumerArn(stream, rest[..colon], created);
        return true;
    }

    /// <summary>The ARN.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Stream.Arn}{Separator}{Name}:{CreatedSeconds}");
}
