using Amazon.Runtime;
using Weir.Client.Signing;

namespace Weir.Cli.Bench;

/// <summary>Signs the prepared requests of a load.</summary>
/// <param name="credentials">Who signs.</param>
/// <param name="region">The region to sign for.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadSigner(ImmutableCredentials credentials, string region, TimeProvider time)
{
    private readonly SigV4Signer _signer = new(region, "kinesis");

    /// <summary>The values of <c>X-Amz-Date</c> and <c>Authorization</c>.</summary>
    public (string Time, string Authorization) Sign(Uri endpoint, string contentType, string target, byte[] body)
    {
        var now = time.GetUtcNow();
        var stamp = SigV4Signer.FormatTime(now);
        SignedHeader[] headers = [new("content-type", contentType), new("host", endpoint.Authority), new("x-amz-date", stamp), new("x-amz-target", target)];
        return (stamp, _signer.Sign(credentials, now, "POST", "/", "", headers, body));
    }
}
