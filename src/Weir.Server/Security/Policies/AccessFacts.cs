using System.Net;

namespace Weir.Server.Security.Policies;

/// <summary>What the conditions of a policy can ask about a request.</summary>
internal sealed record AccessFacts
{
    /// <summary>Who asks.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The region that the request is for.</summary>
    public required string Region { get; init; }

    /// <summary>The server's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The other end of the connection; null when there is none that has an address.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool IsSecure { get; init; }

    /// <summary>What the client says that it is; null when it says nothing.</summary>
    public string? UserAgent { get; init; }
}
