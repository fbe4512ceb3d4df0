using System.Net;
using Amazon;

namespace Weir.Client.Endpoints;

/// <summary>Decides the region and the endpoint, in the order that the AWS SDKs use.</summary>
internal static class EndpointResolution
{
    /// <summary>The region when nothing names one.</summary>
    public const string DefaultRegion = "us-east-1";

    /// <summary>Option, <c>AWS_REGION</c>, <c>AWS_DEFAULT_REGION</c>, profile, us-east-1.</summary>
    public static string Region(KinesisClientOptions options, Surroundings surroundings)
    {
        if (options.Region is { } chosen)
            return chosen;
        foreach (var name in (ReadOnlySpan<string>)["AWS_REGION", "AWS_DEFAULT_REGION"])
        {
            if (surroundings.Variable(name) is not { } region)
                continue;
            return KinesisClientOptions.IsRegion(region)
                ? region
                : throw new KinesisConfigurationException($"{name} is '{region}'; it must be a name such as us-east-1.");
        }

        return surroundings.Profile()?.Region?.SystemName ?? DefaultRegion;
    }

    /// <summary>Option, <c>AWS_ENDPOINT_URL_KINESIS</c>, <c>AWS_ENDPOINT_URL</c>, AWS.</summary>
    public static Uri Endpoint(KinesisClientOptions options, string region, Surroundings surroundings)
    {
        if (options.Endpoint is { } chosen)
            return chosen;
        if (!options.IgnoreConfiguredEndpoints)
        {
            foreach (var name in (ReadOnlySpan<string>)["AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL"])
            {
                if (surroundings.Variable(name) is not { } address)
                    continue;
                return Uri.TryCreate(address, UriKind.Absolute, out var uri) && KinesisClientOptions.IsHttp(uri)
                    ? uri
                    : throw new KinesisConfigurationException($"{name} is '{address}'; it must be an http or https address.");
            }
        }

        return Aws(region);
    }

    /// <summary>The regional endpoint of AWS, for example <c>https://kinesis.eu-west-1.amazonaws.com</c>.</summary>
    public static Uri Aws(string region) =>
        new($"https://kinesis.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}");

    /// <summary>Whether the endpoint is on this machine.</summary>
    public static bool IsThisMachine(Uri endpoint) =>
        endpoint.IsLoopback || (IPAddress.TryParse(endpoint.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
