using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Weir.Cli.Tests;

public sealed class ServerFactsTests(LocalServer server) : IClassFixture<LocalServer>
{
    [Fact]
    public async Task A_server_without_rates_is_not_paced()
    {
        var facts = await ServerFacts.ReadAsync(new Uri(server.Endpoint), TestContext.Current.CancellationToken);

        Assert.Equal("off", facts.Limits);
        Assert.Equal(0, facts.RateLimitPercent);
        Assert.Equal("weir", facts.Name);
    }

    [Theory]
    [InlineData(404, "There is no such page.")]
    [InlineData(400, """{"__type":"MissingAuthenticationTokenException"}""")]
    [InlineData(200, "<html>")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"limits":1""")]
    [InlineData(200, "")]
    public async Task Another_server_is_paced_whatever_it_answers(int status, string body)
    {
        await using var other = await OtherAsync(http =>
        {
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(body);
        });

        var facts = await ServerFacts.ReadAsync(EndpointOf(other), TestContext.Current.CancellationToken);

        Assert.Equal(ServerFacts.Unknown, facts);
        Assert.Equal(100, facts.RateLimitPercent);
    }

    [Fact]
    public async Task An_endless_answer_is_not_read_to_its_end()
    {
        await using var other = await OtherAsync(async http =>
        {
            while (!http.RequestAborted.IsCancellationRequested)
                await http.Response.Body.WriteAsync(new byte[16 * 1024], http.RequestAborted);
        });

        Assert.Equal(ServerFacts.Unknown, await ServerFacts.ReadAsync(EndpointOf(other), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_not_waited_for()
    {
        await using var other = await OtherAsync(http => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted));

        var facts = await ServerFacts.ReadAsync(EndpointOf(other), TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);

        Assert.Equal(ServerFacts.Unknown, facts);
    }

    private static async Task<WebApplication> OtherAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var other = builder.Build();
        other.Run(answer);
        await other.StartAsync(TestContext.Current.CancellationToken);
        return other;
    }

    private static Uri EndpointOf(WebApplication other) =>
        new(other.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
}
