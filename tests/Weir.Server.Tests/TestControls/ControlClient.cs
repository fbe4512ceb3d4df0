using System.Net;
using System.Text.Json;

namespace Weir.Server.Tests.TestControls;

/// <summary>A client of the test controls, as a test in any language writes it: paths and JSON.</summary>
internal sealed class ControlClient(TestServer server) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = server.Server.Endpoint };

    public Task<KinesisReply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<KinesisReply> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<KinesisReply> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        // As curl -d sends it: with a content type that says nothing of JSON.
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return new KinesisReply(response.StatusCode, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A change of the clock that must be made; the clock afterwards.</summary>
    public async Task<JsonElement> ClockAsync(string change) => (await SendAsync(HttpMethod.Post, "/_weir/clock", change)).Succeeded();

    /// <summary>Adds a fault that must be taken.</summary>
    /// <returns>Its path.</returns>
    public async Task<string> FaultAsync(string fault)
    {
        var reply = await SendAsync(HttpMethod.Post, "/_weir/faults", fault);
        Assert.True(reply.Status == HttpStatusCode.Created, reply.ToString());
        return $"/_weir/faults/{JsonSerializer.Deserialize<JsonElement>(reply.Body).GetProperty("id").GetInt64()}";
    }

    /// <summary>How many requests a fault has looked at and hit.</summary>
    public async Task<(int Matched, int Fired)> CountsAsync(string fault)
    {
        var json = (await GetAsync(fault)).Succeeded();
        return (json.GetProperty("matched").GetInt32(), json.GetProperty("fired").GetInt32());
    }

    /// <summary>A request that must be refused with exactly this complaint.</summary>
    public async Task AssertRefusedAsync(string path, string body, string complaint)
    {
        var reply = await SendAsync(HttpMethod.Post, path, body);
        Assert.True(reply.Status == HttpStatusCode.BadRequest, reply.ToString());
        Assert.Equal(complaint, JsonSerializer.Deserialize<Dictionary<string, string>>(reply.Body)!["error"]);
    }

    public void Dispose() => _client.Dispose();
}
