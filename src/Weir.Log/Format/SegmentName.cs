using System.Globalization;

namespace Weir.Log.Format;

/// <summary>File name of a segment: its base offset in 20 digits, so that names sort as the log does.</summary>
internal static class SegmentName
{
    private const string Extension = ".segment";
    private const int Digits = 20;

    public static string Of(LogOffset baseOffset) => baseOffset.Value.ToString("D20", CultureInfo.InvariantCulture) + Extension;

    public static bool TryParse(string name, out LogOffset baseOffset)
    {
        baseOffset = default;
        if (name.Length != Digits + Extension.Length || !name.EndsWith(Extension, StringComparison.Ordinal)
            || !long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        baseOffset = new LogOffset(value);
        return true;
    }
}
