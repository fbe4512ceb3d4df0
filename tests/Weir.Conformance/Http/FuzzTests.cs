using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// Four hundred thousand requests, most of which no client would send, made from a fixed seed (<see cref="FuzzedRequest"/>). Whatever comes
/// in, the server answers below 500, in time, goes on serving, and its memory does not grow with the number of requests. A failure prints
/// the seed, the number and the body. WEIR_FUZZ_REQUESTS sets another number, WEIR_FUZZ_SEED another seed.
/// </summary>
public sealed class FuzzTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    private const int DefaultSeed = 20131202;
    private const int DefaultRequests = 400_000;
    private const int InFlight = 8;
    private const int Parts = 16;

    // In the first two hundred thousand the heap, the compiled code and the pools come to their size: with half as many requests in all the second half
    // had 9 to 16 MiB of that. The collector lets memory go up by as much for a moment, so the lower of two looks before the middle is held against the
    // lowest of four at the end: between them are about two hundred thousand requests, and a leak of 85 bytes a request shows.
    private const long MostGrowthMiB = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static int Seed { get; } = Setting("WEIR_FUZZ_SEED", DefaultSeed);

    private static int Requests { get; } = Setting("WEIR_FUZZ_REQUESTS", DefaultRequests);

    [Fact]
    public async Task No_request_brings_a_server_error_silence_or_a_growing_server()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = fixture.Endpoint, Timeout = Patience };
        var targets = new FuzzTargets(http);
        var answers = new int[600];
        var memory = new List<long>();
        for (var part = 0; part < Parts; part++)
        {
            await targets.PrepareAsync();
            var first = part * (Requests / Parts);
            await Parallel.ForAsync(first, first + (Requests / Parts), new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (number, _) =>
                Interlocked.Increment(ref answers[await StatusAsync(client, FuzzedRequest.Make(Seed, number, targets))]));
            await targets.ClearAsync();
            memory.Add(ResidentMiB());
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Requests} requests: {string.Join(", ", Enumerable.Range(0, answers.Length).Where(status => answers[status] > 0).Select(status => $"{answers[status]} x {status}"))}; "
            + $"resident after each sixteenth: {string.Join(", ", memory)} MiB");
        Assert.False(fixture.Server.HasExited);
        Assert.True(answers[200] > Requests / 50, $"Only {answers[200]} requests of {Requests} came through: nothing of the operations was tried.");
        var growth = memory[(3 * Parts / 4)..].Min() - memory[(3 * Parts / 8)..(Parts / 2)].Min();
        Assert.True(growth <= MostGrowthMiB, $"The server grew by {growth} MiB from the middle to the last quarter of {Requests} requests of seed {Seed}: {string.Join(", ", memory)} MiB after each sixteenth.");
    }

    private async Task<int> StatusAsync(HttpClient client, FuzzedRequest fuzzed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Version = fuzzed.IsHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(fuzzed.Body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(fuzzed.ContentType);
        request.Headers.TryAddWithoutValidation("Authorization", KinesisHttp.Authorization);
        request.Headers.TryAddWithoutValidation("X-Amz-Target", fuzzed.Target);
        try
        {
            // A subscription's answer has no end that is worth waiting for: of it the beginning counts.
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            if (response.Content.Headers.ContentType?.MediaType != "application/vnd.amazon.eventstream")
                await response.Content.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode < 500, $"HTTP {(int)response.StatusCode}\n{fuzzed}\nThe server said:\n{fixture.Server.ErrorText}");
            return (int)response.StatusCode;
        }
        catch (Exception reason) when (reason is HttpRequestException or TaskCanceledException)
        {
            throw new InvalidOperationException($"{reason.Message}\n{fuzzed}", reason);
        }
    }

    private long ResidentMiB()
    {
        using var process = Process.GetProcessById(fixture.Server.ProcessId);
        return process.WorkingSet64 / (1024 * 1024);
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
