using Microsoft.AspNetCore.Http;
using Weir.Server.Security.Signatures;

namespace Weir.Server.Http;

/// <summary>Reads the region out of a request's credential scope: <c>Credential=KEY/20260101/eu-west-1/kinesis/aws4_request</c>.</summary>
internal static class CredentialScope
{
    /// <summary>The region of a request that names none.</summary>
    public const string DefaultRegion = "us-east-1";

    /// <summary>The region that the request was signed for, in the header or the query form; <see cref="DefaultRegion"/> without one.</summary>
    public static string RegionOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        const string parameter = "Credential=";
        var at = authorization.IndexOf(parameter, StringComparison.Ordinal);
        if (at >= 0)
        {
            var credential = authorization.AsSpan(at + parameter.Length);
            var end = credential.IndexOfAny(',', ' ');
            return RegionOf(end < 0 ? credential : credential[..end]);
        }

        return request.Query.TryGetValue("X-Amz-Credential", out var query) ? RegionOf(query.ToString()) : DefaultRegion;
    }

    private static string RegionOf(ReadOnlySpan<char> credential)
    {
        Span<Range> parts = stackalloc Range[6];
        if (credential.Split(parts, '/') != 5)
            return DefaultRegion;
        var region = credential[parts[2]];
        if (!SignatureScope.IsRegion(region))
            return DefaultRegion;
        // The usual case allocates nothing.
        return region.SequenceEqual(DefaultRegion) ? DefaultRegion : region.ToString();
    }
}
