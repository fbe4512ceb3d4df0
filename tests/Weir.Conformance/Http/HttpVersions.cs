using System.Net;

namespace Weir.Conformance.Http;

/// <summary>The two protocols that share the port; what is true of one must be true of the other.</summary>
public static class HttpVersions
{
    public static TheoryData<string> Both => ["1.1", "2.0"];

    internal static KinesisHttp Connect(Uri endpoint, string version) =>
        new(endpoint, version == "2.0" ? HttpVersion.Version20 : HttpVersion.Version11);
}
