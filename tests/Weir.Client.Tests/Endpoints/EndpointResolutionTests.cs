using Weir.Client.Endpoints;

namespace Weir.Client.Tests.Endpoints;

public sealed class EndpointResolutionTests
{
    [Theory]
    [InlineData("http://127.0.0.1:4567/", "http://env-kinesis:1", "http://env-any:2", "http://127.0.0.1:4567/")]
    [InlineData(null, "http://env-kinesis:1", "http://env-any:2", "http://env-kinesis:1/")]
    [InlineData(null, null, "http://env-any:2", "http://env-any:2/")]
    [InlineData(null, "  ", "http://env-any:2", "http://env-any:2/")]
    [InlineData(null, null, null, "https://kinesis.eu-west-1.amazonaws.com/")]
    public void The_more_specific_endpoint_wins(string? option, string? kinesisVariable, string? variable, string expected)
    {
        var surroundings = Set(("AWS_ENDPOINT_URL_KINESIS", kinesisVariable), ("AWS_ENDPOINT_URL", variable));
        using var client = new KinesisClient(
            new KinesisClientOptions { Endpoint = option is null ? null : new Uri(option), Region = "eu-west-1" }, surroundings);

        Assert.Equal(expected, client.Endpoint.ToString());
    }

    [Fact]
    public void Configured_endpoints_can_be_passed_over()
    {
        using var client = new KinesisClient(
            new KinesisClientOptions { IgnoreConfiguredEndpoints = true, Region = "cn-north-1" }, Set(("AWS_ENDPOINT_URL", "http://127.0.0.1:1")));

        Assert.Equal("https://kinesis.cn-north-1.amazonaws.com.cn/", client.Endpoint.ToString());
    }

    [Theory]
    [InlineData("ap-south-1", "eu-west-1", "us-west-2", "ap-south-1")]
    [InlineData(null, "eu-west-1", "us-west-2", "eu-west-1")]
    [InlineData(null, null, "us-west-2", "us-west-2")]
    [InlineData(null, null, null, "us-east-1")]
    public void The_more_specific_region_wins(string? option, string? region, string? defaultRegion, string expected)
    {
        using var client = new KinesisClient(
            new KinesisClientOptions { Region = option }, Set(("AWS_REGION", region), ("AWS_DEFAULT_REGION", defaultRegion)));

        Assert.Equal(expected, client.Region);
    }

    [Fact]
    public async Task The_profile_gives_the_region_and_the_keys_of_a_local_endpoint()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "[tester]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\nregion = eu-central-1\n", TestContext.Current.CancellationToken);
        try
        {
            var surroundings = Set(("AWS_SHARED_CREDENTIALS_FILE", file), ("AWS_PROFILE", "tester"));

            Assert.Equal("eu-central-1", EndpointResolution.Region(new KinesisClientOptions(), surroundings));
            using var source = new Weir.Client.Credentials.CredentialSource(null, new Uri("http://127.0.0.1:4567"), surroundings);
            Assert.Equal("AKIDPROFILE", (await source.GetAsync(CancellationToken.None)).AccessKey);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("AWS_ENDPOINT_URL", "localhost:4567")]
    [InlineData("AWS_ENDPOINT_URL_KINESIS", "nonsense")]
    [InlineData("AWS_REGION", "not a region")]
    public void A_malformed_variable_is_named(string name, string value)
    {
        var exception = Assert.Throws<KinesisConfigurationException>(() => new KinesisClient(new KinesisClientOptions(), Set((name, value))));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Contains(value, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:4567")]
    [InlineData("http://127.0.0.1:4567")]
    [InlineData("http://127.0.0.2:4567")]
    [InlineData("http://[::1]:4567")]
    [InlineData("https://localhost")]
    public async Task This_machine_needs_no_credentials_and_asks_nobody(string endpoint)
    {
        using var source = new Weir.Client.Credentials.CredentialSource(null, new Uri(endpoint), Set());

        var credentials = await source.GetAsync(CancellationToken.None);

        Assert.Equal("weir", credentials.AccessKey);
    }

    [Fact]
    public async Task This_machine_takes_the_keys_of_the_environment()
    {
        using var source = new Weir.Client.Credentials.CredentialSource(
            null,
            new Uri("http://127.0.0.1:4567"),
            Set(("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s"), ("AWS_SESSION_TOKEN", "token")));

        var credentials = await source.GetAsync(CancellationToken.None);

        Assert.Equal("AKIDENV", credentials.AccessKey);
        Assert.Equal("token", credentials.Token);
    }

    /// <summary>Surroundings with these variables and no profile files.</summary>
    internal static Surroundings Set(params (string Name, string? Value)[] variables)
    {
        var map = variables.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
        map.TryAdd("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials");
        map.TryAdd("AWS_CONFIG_FILE", "/nowhere/config");
        return new Surroundings(name => map.GetValueOrDefault(name));
    }
}
