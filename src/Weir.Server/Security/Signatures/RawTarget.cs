namespace Weir.Server.Security.Signatures;

/// <summary>Path and query as they came on the wire: signatures are over these bytes, and Kestrel's own path is already decoded.</summary>
internal readonly ref struct RawTarget
{
    private RawTarget(ReadOnlySpan<char> path, ReadOnlySpan<char> query)
    {
        Path = path;
        Query = query;
    }

    /// <summary>From the first slash, still encoded; empty when there is none.</summary>
    public ReadOnlySpan<char> Path { get; }

    /// <summary>What follows the question mark; empty without one.</summary>
    public ReadOnlySpan<char> Query { get; }

    /// <summary>Takes a target apart: <c>/path?query</c>, or <c>http://host/path?query</c> as it is sent to a proxy.</summary>
    public static RawTarget Parse(ReadOnlySpan<char> raw)
    {
        var scheme = raw.IndexOf("://");
        if (!raw.StartsWith('/') && scheme >= 0)
        {
            var authority = raw[(scheme + 3)..];
            var end = authority.IndexOfAny('/', '?');
            raw = end < 0 ? [] : authority[end..];
        }

        var question = raw.IndexOf('?');
        return question < 0 ? new RawTarget(raw, []) : new RawTarget(raw[..question], raw[(question + 1)..]);
    }
}
