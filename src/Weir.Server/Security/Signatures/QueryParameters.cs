namespace Weir.Server.Security.Signatures;

/// <summary>The parameters of a query, decoded. A name may come several times; the first one counts.</summary>
/// <remarks>
/// A parser of our own, so that what is signed and what is acted upon are read by the same rules: a plus sign is a plus sign here, and an
/// escape that is none stays as it is.
/// </remarks>
internal sealed class QueryParameters
{
    private readonly List<(string Name, string Value)> _all;

    private QueryParameters(List<(string, string)> all) => _all = all;

    /// <summary>No parameters.</summary>
    public static QueryParameters None { get; } = new([]);

    /// <summary>Reads a query without its question mark.</summary>
    public static QueryParameters Parse(ReadOnlySpan<char> query)
    {
        if (query.IsEmpty)
            return None;
        var all = new List<(string, string)>();
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            if (parameter.IsEmpty)
                continue;
            var equals = parameter.IndexOf('=');
            var name = equals < 0 ? parameter : parameter[..equals];
            var value = equals < 0 ? [] : parameter[(equals + 1)..];
            all.Add((Uri.UnescapeDataString(name), Uri.UnescapeDataString(value)));
        }

        return new QueryParameters(all);
    }

    /// <summary>The value of a parameter; null when it is not there.</summary>
    public string? Find(string name)
    {
        foreach (var parameter in _all)
        {
            if (parameter.Name == name)
                return parameter.Value;
        }

        return null;
    }

    /// <summary>The canonical form: encoded by RFC 3986, sorted by name and then by value.</summary>
    /// <param name="except">The name of a parameter to leave out, or null.</param>
    public string Canonical(string? except)
    {
        if (_all.Count == 0)
            return "";
        var encoded = new List<(string Name, string Value)>(_all.Count);
        foreach (var (name, value) in _all)
        {
            if (name != except)
                encoded.Add((Uri.EscapeDataString(name), Uri.EscapeDataString(value)));
        }

        encoded.Sort(static (one, other) =>
            string.CompareOrdinal(one.Name, other.Name) is var byName and not 0 ? byName : string.CompareOrdinal(one.Value, other.Value));
        return string.Join('&', encoded.Select(parameter => $"{parameter.Name}={parameter.Value}"));
    }
}
