namespace Weir.Server.Security.Signatures;

/// <summary>The names of the headers that take part in a signature: in lower case, sorted.</summary>
internal readonly struct SignedHeaders
{
    /// <summary>What clients that speak HTTP/2 call the host that they sign; the JavaScript SDK does.</summary>
    public const string Authority = ":authority";

    private SignedHeaders(string[] names) => Names = names;

    /// <summary>The names.</summary>
    public string[] Names { get; }

    /// <summary>Reads the list of a request: <c>host;x-amz-date</c>.</summary>
    public static SignedHeaders Parse(ReadOnlySpan<char> list)
    {
        var names = new string[list.Count(';') + 1];
        var count = 0;
        var isSorted = true;
        foreach (var range in list.Split(';'))
        {
            var name = list[range];
            names[count] = name.ContainsAnyInRange('A', 'Z') ? name.ToString().ToLowerInvariant() : name.ToString();
            isSorted &= count == 0 || string.CompareOrdinal(names[count - 1], names[count]) < 0;
            count++;
        }

        if (!isSorted)
            Array.Sort(names, StringComparer.Ordinal);
        return new SignedHeaders(names);
    }

    /// <summary>Whether it is signed which server the request is for, in the one spelling or the other.</summary>
    public bool ContainHost => Contains("host") || Contains(Authority);

    /// <summary>Whether a header is among them.</summary>
    /// <param name="name">In lower case.</param>
    public bool Contains(string name) => Array.BinarySearch(Names, name, StringComparer.Ordinal) >= 0;
}
