namespace Weir.Cli.Demo;

/// <summary>Bars of block characters.</summary>
internal static class Bars
{
    private const string Eighths = " ▏▎▍▌▋▊▉";

    /// <summary>A bar as long as a value is to the largest, to an eighth of a character.</summary>
    public static string Of(long value, long largest, int width)
    {
        if (largest <= 0)
            return "";
        var eighths = (int)Math.Round((double)value / largest * width * 8);
        var rest = eighths % 8;
        return new string('█', eighths / 8) + (rest == 0 ? "" : Eighths[rest]);
    }

    /// <summary>A bar of progress: what is done, and what is left; told apart by shape, not only by colour.</summary>
    public static (string Done, string Left) Progress(double done, int width)
    {
        // A terminal can become narrower than all else in the line while we draw.
        width = Math.Max(0, width);
        var filled = (int)(Math.Clamp(done, 0, 1) * width);
        return (new string('█', filled), new string('░', width - filled));
    }
}
