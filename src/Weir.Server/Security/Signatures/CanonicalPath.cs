namespace Weir.Server.Security.Signatures;

/// <summary>The canonical form of a path (spec section 4.3): no dot segments, no empty ones, each segment encoded once more than on the wire.</summary>
internal static class CanonicalPath
{
    /// <summary>Makes it. Costs nothing for <c>/</c>, which is what nearly every client sends.</summary>
    /// <param name="path">The path as it was on the wire.</param>
    public static string Of(ReadOnlySpan<char> path)
    {
        if (path.Length == 0 || path is "/")
            return "/";
        var segments = new List<string>();
        var endsInSlash = false;
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            endsInSlash = segment.IsEmpty || segment is "." or "..";
            if (segment is ".." && segments.Count > 0)
                segments.RemoveAt(segments.Count - 1);
            else if (!endsInSlash)
                segments.Add(Uri.EscapeDataString(segment));
        }

        return segments.Count == 0 ? "/" : $"/{string.Join('/', segments)}{(endsInSlash ? "/" : "")}";
    }
}
