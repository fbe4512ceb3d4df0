using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Weir.Client.Tests.Hosting;

public sealed class WeirClientServicesTests
{
    [Fact]
    public void An_application_has_one_client_with_its_options()
    {
        var services = new ServiceCollection();
        services.AddWeirClient(options => options.Endpoint = new Uri("http://127.0.0.1:4599"));
        services.AddWeirClient(options => options.Region = "eu-west-1");
        using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<KinesisClient>();
        Assert.Equal((new Uri("http://127.0.0.1:4599"), "eu-west-1"), (client.Endpoint, client.Region));
        Assert.Same(client, provider.GetRequiredService<KinesisClient>());
    }

    [Fact]
    public void An_option_out_of_range_is_named()
    {
        var services = new ServiceCollection();
        services.AddWeirClient(options => options.MaxAttempts = 0);
        using var provider = services.BuildServiceProvider();
        var failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<KinesisClient>());
        Assert.Contains("MaxAttempts is 0; it must be between 1 and 100.", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"StreamDescriptionSummary":{"StreamStatus":"ACTIVE"}}""", HealthStatus.Healthy)]
    [InlineData("""{"StreamDescriptionSummary":{"StreamStatus":"UPDATING"}}""", HealthStatus.Healthy)]
    [InlineData("""{"StreamDescriptionSummary":{"StreamStatus":"CREATING"}}""", HealthStatus.Unhealthy)]
    [InlineData("""{}""", HealthStatus.Unhealthy)]
    public async Task The_health_check_says_what_the_stream_is(string answer, HealthStatus expected)
    {
        using var server = new ScriptedServer(ScriptedServer.Ok(answer));
        Assert.Equal(expected, await HealthAsync(server));
    }

    [Fact]
    public async Task A_stream_that_is_not_there_is_not_healthy()
    {
        using var server = new ScriptedServer(ScriptedServer.Refused("ResourceNotFoundException"));
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(server));
    }

    private static async Task<HealthStatus> HealthAsync(ScriptedServer server)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddWeirClient(options =>
        {
            options.Endpoint = new Uri("http://127.0.0.1:4567");
            options.MessageHandler = server;
        });
        services.AddHealthChecks().AddKinesisStream("rivers");
        await using var provider = services.BuildServiceProvider();
        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal("kinesis-rivers", Assert.Single(report.Entries).Key);
        return report.Status;
    }
}
