using Microsoft.AspNetCore.Http;
using Weir.Protocol;
using Weir.Server.Http;
using Weir.Server.Security.Credentials;
using Weir.Server.Security.Policies;
using Weir.Server.Security.Signatures;

namespace Weir.Server.Security;

/// <summary>Finds out for whom a request is made: step 9 of spec section 2.5. Thread-safe.</summary>
/// <remarks>
/// Without credentials every request is believed, signed or not, and only its region is looked at; a signature is then not even checked for
/// being whole. With credentials nothing is believed that is not signed.
/// </remarks>
/// <param name="account">The server's account, to which requests belong that nobody else has.</param>
/// <param name="credentials">The access keys in force; null on a server without credentials.</param>
/// <param name="time">The clock.</param>
internal sealed class Authentication(string account, CredentialsWatch? credentials, TimeProvider time)
{
    private readonly SignatureVerifier _verifier = new(time);

    /// <summary>Identifies the caller of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body, as it was received.</param>
    /// <param name="identity">For whom it is, and in which region.</param>
    /// <returns>Null, or the exact error.</returns>
    public KinesisError? Identify(HttpRequest request, ReadOnlySpan<byte> body, out RequestIdentity identity)
    {
        if (credentials is null)
        {
            identity = new RequestIdentity(account, CredentialScope.RegionOf(request), Access: null);
            return null;
        }

        identity = default;
        if (_verifier.Verify(request, body, credentials.Current, out var verified) is { } error)
            return error;
        var caller = verified.Key.Owner;
        var address = request.HttpContext.Connection.RemoteIpAddress;
        identity = new RequestIdentity(caller.Account, verified.Region, new AccessFacts
        {
            Caller = caller,
            Region = verified.Region,
            Now = time.GetUtcNow(),
            // A socket that takes both versions shows IPv4 addresses inside IPv6 ones; policies mean the former.
            SourceAddress = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address,
            IsSecure = request.IsHttps,
            UserAgent = request.Headers.UserAgent is { Count: > 0 } agent ? agent.ToString() : null,
        });
        return null;
    }
}

/// <summary>For whom a request is made.</summary>
/// <param name="Account">The account whose streams it means by their names.</param>
/// <param name="Region">The region that it was signed for.</param>
/// <param name="Access">What policies are asked about; null on a server without credentials, where everything is allowed.</param>
internal readonly record struct RequestIdentity(string Account, string Region, AccessFacts? Access);
