using System.Net.Http.Json;
using System.Text.Json;

namespace Weir.Producer.Tests.Faults;

/// <summary>Faults of a real server's own, by its test controls (docs/test-controls.md), for one stream.</summary>
internal sealed class ServerFaults(Uri server, string stream, int seed) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server };
    private readonly List<int> _ids = [];

    /// <summary>Adds the faults.</summary>
    /// <param name="losesAnswers">Whether some requests take effect and their answers are lost.</param>
    /// <param name="longerThanTimeout">A time that the client does not wait for.</param>
    public async Task AddAsync(bool losesAnswers, TimeSpan longerThanTimeout)
    {
        string[] put = ["PutRecords"];
        var milliseconds = (int)longerThanTimeout.TotalMilliseconds;
        await AddAsync(new { kind = "latency", operations = put, stream, seed, rate = 0.3, min = "0ms", max = "8ms" });
        await AddAsync(new { kind = "internalFailure", operations = put, stream, seed = seed + 1, rate = 0.08 });
        await AddAsync(new { kind = "unavailable", operations = put, stream, seed = seed + 2, rate = 0.05 });
        await AddAsync(new { kind = "reset", when = "before", operations = put, stream, seed = seed + 3, rate = 0.05 });
        await AddAsync(new { kind = "throttle", operations = put, stream, seed = seed + 4, rate = 0.1 });
        await AddAsync(new { kind = "internalFailure", perEntry = true, operations = put, stream, seed = seed + 5, rate = 0.1 });
        // Twice: what the test itself asks is tried three times.
        await AddAsync(new { kind = "internalFailure", operations = new[] { "ListShards" }, stream, seed = seed + 6, rate = 0.5, count = 2 });
        if (!losesAnswers)
            return;
        await AddAsync(new { kind = "reset", when = "after", operations = put, stream, seed = seed + 7, rate = 0.1 });
        await AddAsync(new { kind = "latency", operations = put, stream, seed = seed + 8, rate = 0.03, duration = $"{milliseconds}ms" });
    }

    /// <summary>Takes the faults away.</summary>
    /// <returns>How many requests and entries they hit.</returns>
    public async Task<int> RemoveAsync()
    {
        var fired = 0;
        foreach (var id in _ids)
        {
            fired += (await _http.GetFromJsonAsync<JsonElement>($"/_weir/faults/{id}")).GetProperty("fired").GetInt32();
            using var answer = await _http.DeleteAsync(new Uri($"/_weir/faults/{id}", UriKind.Relative));
            answer.EnsureSuccessStatusCode();
        }

        _ids.Clear();
        return fired;
    }

    public void Dispose() => _http.Dispose();

    private async Task AddAsync(object fault)
    {
        using var answer = await _http.PostAsJsonAsync("/_weir/faults", fault);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        _ids.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt32());
    }
}
