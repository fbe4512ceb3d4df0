using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Weir.Server.Security.Signatures;

/// <summary>The form of a request that its signature is over (spec section 4.3).</summary>
internal static class CanonicalRequest
{
    /// <summary>Writes the canonical request.</summary>
    /// <param name="text">Takes it.</param>
    /// <param name="method">For example <c>POST</c>.</param>
    /// <param name="path">See <see cref="CanonicalPath"/>.</param>
    /// <param name="query">See <see cref="QueryParameters.Canonical"/>.</param>
    /// <param name="headers">The request's headers. Kestrel keeps the authority of HTTP/2 as <c>Host</c>, so the two versions look the same.</param>
    /// <param name="signedHeaders">The names of the signed ones.</param>
    /// <param name="bodyHash">SHA-256 of the body as it was received.</param>
    public static void Write(
        ref CanonicalText text,
        string method,
        string path,
        string query,
        IHeaderDictionary headers,
        SignedHeaders signedHeaders,
        ReadOnlySpan<byte> bodyHash)
    {
        text.Add(method);
        text.Add('\n');
        text.Add(path);
        text.Add('\n');
        text.Add(query);
        text.Add('\n');
        foreach (var name in signedHeaders.Names)
        {
            text.Add(name);
            text.Add(':');
            AddValues(ref text, name == SignedHeaders.Authority ? headers.Host : headers[name]);
            text.Add('\n');
        }

        text.Add('\n');
        for (var i = 0; i < signedHeaders.Names.Length; i++)
        {
            if (i > 0)
                text.Add(';');
            text.Add(signedHeaders.Names[i]);
        }

        text.Add('\n');
        text.AddHex(bodyHash);
    }

    private static void AddValues(ref CanonicalText text, StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0)
                text.Add(',');
            AddValue(ref text, values[i].AsSpan().Trim());
        }
    }

    // Runs of spaces inside become one.
    private static void AddValue(ref CanonicalText text, ReadOnlySpan<char> value)
    {
        while (true)
        {
            var run = value.IndexOf("  ");
            if (run < 0)
            {
                text.Add(value);
                return;
            }

            text.Add(value[..(run + 1)]);
            value = value[run..].TrimStart(' ');
        }
    }
}
