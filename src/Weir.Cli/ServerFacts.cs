using System.Text.Json;
using Weir.Producer;

namespace Weir.Cli;

/// <summary>What the server says of itself at <c>/_weir/info</c>; everything unknown when it is another server.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Storage">Where it keeps records.</param>
/// <param name="Durability">When it acknowledges.</param>
/// <param name="Limits">Whether rates are enforced.</param>
internal sealed record ServerFacts(string Version, string Storage, string Durability, string Limits)
{
    // The page has some hundred bytes. Another server may answer anything.
    private const int MaxPageBytes = 64 * 1024;

    // A server that has the page answers at once. One that keeps the question to itself delays a command by this.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>How the server is called in tables.</summary>
    public string Name => this == Unknown ? "server" : "weir";

    /// <summary>A server that says nothing.</summary>
    public static ServerFacts Unknown { get; } = new("unknown", "unknown", "unknown", "unknown");

    /// <summary>How a producer is paced: a server that says that it has no rates is not.</summary>
    public int RateLimitPercent => Limits == "off" ? 0 : ProducerOptions.DefaultRateLimitPercent;

    /// <summary>Asks a server. Whatever another server does with the question, the answer is <see cref="Unknown"/>.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<ServerFacts> ReadAsync(Uri endpoint, CancellationToken cancellationToken) => ReadAsync(endpoint, Longest, cancellationToken);

    /// <inheritdoc cref="ReadAsync(Uri, CancellationToken)" />
    internal static async Task<ServerFacts> ReadAsync(Uri endpoint, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = !endpoint.IsLoopback };
            using var http = new HttpClient(handler) { Timeout = longest, MaxResponseContentBufferSize = MaxPageBytes };
            using var page = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(endpoint, "/_weir/info"), cancellationToken).ConfigureAwait(false));
            return page.RootElement.ValueKind == JsonValueKind.Object
                ? new ServerFacts(Member("version"), Member("storage"), Member("durability"), Member("limits"))
                : Unknown;

            string Member(string name) => page.RootElement.TryGetProperty(name, out var value) ? value.ToString() : "unknown";
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Unknown;
        }
    }
}
