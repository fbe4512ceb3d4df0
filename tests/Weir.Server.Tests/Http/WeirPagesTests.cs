using System.Net;
using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Http;

public sealed class WeirPagesTests
{
    [Theory]
    [InlineData("/_weir/health/live", HttpStatusCode.OK, "ok\n")]
    [InlineData("/_weir/health/ready", HttpStatusCode.OK, "ok\n")]
    [InlineData("/_weir/health/ready?verbose", HttpStatusCode.OK, "ok\n")]
    [InlineData("/_weir/nothing", HttpStatusCode.NotFound, "There is no such page.\n")]
    [InlineData("/_weir", HttpStatusCode.NotFound, "There is no such page.\n")]
    public async Task A_page_is_plain_text(string path, HttpStatusCode status, string text)
    {
        await using var server = await StartAsync();
        using var response = await SendAsync(server, HttpMethod.Get, path);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(text, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task HEAD_gets_the_head_alone()
    {
        await using var server = await StartAsync();
        using var response = await SendAsync(server, HttpMethod.Head, "/_weir/health/live");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(3, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false, "off")]
    [InlineData(true, "aws")]
    public async Task The_facts_are_those_of_the_options(bool limits, string said)
    {
        await using var server = await StartAsync(limits);
        using var response = await SendAsync(server, HttpMethod.Get, "/_weir/info");
        var info = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            ["accountId", "damagedSegments", "durability", "integrity", "limits", "memoryLimitBytes", "storage", "testControls", "version"],
            info.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(("memory", "none", said, Account), (Text(info, "storage"), Text(info, "durability"), Text(info, "limits"), Text(info, "accountId")));
        Assert.Equal(("unchecked", 0), (Text(info, "integrity"), info.GetProperty("damagedSegments").GetInt32()));
        Assert.Equal(2L << 30, info.GetProperty("memoryLimitBytes").GetInt64());
    }

    [Fact]
    public async Task A_server_on_a_disk_says_how_it_stores()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await StartAsync(dataDirectory: directory.Path);
        using var response = await SendAsync(server, HttpMethod.Get, "/_weir/info");
        var info = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("disk", "fsync", "ok"), (Text(info, "storage"), Text(info, "durability"), Text(info, "integrity")));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/_weirdly")]
    [InlineData("/health/live")]
    public async Task Every_other_path_belongs_to_the_API(string path)
    {
        await using var server = await StartAsync();
        using var response = await SendAsync(server, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestServer server, HttpMethod method, string path)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(server.Server.Endpoint, path));
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? Text(JsonElement info, string member) => info.GetProperty(member).GetString();
}
