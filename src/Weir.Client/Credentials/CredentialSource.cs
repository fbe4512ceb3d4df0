using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Weir.Client.Endpoints;

namespace Weir.Client.Credentials;

/// <summary>Gives the credentials for each signature. Thread-safe.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Given ones are used as they are; temporary ones refresh themselves.</item>
/// <item>For an endpoint on this machine: environment variables, then keys of the profile, then a made-up key. The default chain
/// ends at the metadata service of a cloud machine, which elsewhere costs seconds until nobody answers.</item>
/// <item>For any other endpoint: the AWS default chain, resolved once it has succeeded.</item>
/// </list>
/// </remarks>
internal sealed class CredentialSource(AWSCredentials? given, Uri endpoint, Surroundings surroundings) : IDisposable
{
    private const string MadeUpKey = "weir";

    private readonly DefaultAWSCredentialsIdentityResolver? _chain =
        given is null && !EndpointResolution.IsThisMachine(endpoint) ? new DefaultAWSCredentialsIdentityResolver() : null;

    // Set once by whichever request resolves first; a second resolution at the same moment finds the same.
    private volatile AWSCredentials? _resolved = given;

    // The credentials that never change, so that a local request does not even go through the AWS library.
    private volatile ImmutableCredentials? _fixed;

    /// <exception cref="KinesisConfigurationException">There are none.</exception>
    public ValueTask<ImmutableCredentials> GetAsync(CancellationToken cancellationToken)
    {
        if (_fixed is { } known)
            return ValueTask.FromResult(known);
        if (_resolved is null && _chain is null)
            return ValueTask.FromResult(_fixed = ForThisMachine());
        return ResolveAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _chain?.Dispose();

    private async ValueTask<ImmutableCredentials> ResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var credentials = _resolved ??= await _chain!.ResolveIdentityAsync(null, cancellationToken).ConfigureAwait(false);
            return await credentials.GetCredentialsAsync().ConfigureAwait(false)
                ?? throw new KinesisConfigurationException("Anonymous credentials cannot sign, and Kinesis takes signed requests only.");
        }
        catch (Exception exception) when (exception is AmazonClientException or AmazonServiceException)
        {
            // When there are none at all, the library lists everything that it tried; then a sentence says as much.
            throw new KinesisConfigurationException(
                $"No AWS credentials for {endpoint.Host}: "
                + (_resolved is null
                    ? "neither environment variables, a profile, a web identity, a container nor the instance gave any."
                    : exception.Message),
                exception);
        }
    }

    private ImmutableCredentials ForThisMachine()
    {
        if (surroundings.Variable("AWS_ACCESS_KEY_ID") is { } key && surroundings.Variable("AWS_SECRET_ACCESS_KEY") is { } secret)
            return new ImmutableCredentials(key, secret, surroundings.Variable("AWS_SESSION_TOKEN"));
        if (surroundings.Profile()?.Options is { AccessKey: { Length: > 0 } profileKey, SecretKey: { Length: > 0 } profileSecret } profile)
            return new ImmutableCredentials(profileKey, profileSecret, string.IsNullOrEmpty(profile.Token) ? null : profile.Token);
        return new ImmutableCredentials(MadeUpKey, MadeUpKey, null);
    }
}
