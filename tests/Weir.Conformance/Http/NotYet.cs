using Weir.Conformance.Server;

namespace Weir.Conformance.Http;

/// <summary>
/// What the server cannot do yet. A test of such a thing skips and says so; and each entry has a test of its own that the
/// thing is really missing, so that the entry goes when the thing comes, and nothing that works can slip in here unseen.
/// </summary>
internal static class NotYet
{
    /// <summary>Operations that are answered as unknown.</summary>
    public static IReadOnlyList<string> Operations { get; } = [];

    /// <summary>Skips the calling test when it needs an operation of the list.</summary>
    public static void SkipWithout(string operation) =>
        Assert.SkipWhen(Operations.Contains(operation), $"The server does not have {operation} yet.");

    /// <summary>Skips the calling test when the server itself calls the operation unknown.</summary>
    public static async Task SkipWithoutAsync(KinesisHttp http, string operation) =>
        Assert.SkipWhen((await http.CallAsync(operation, "{}")).Text.Contains("UnknownOperationException", StringComparison.Ordinal), $"The server does not have {operation} yet.");
}

/// <summary>Every entry of <see cref="NotYet"/> is true.</summary>
public sealed class NotYetTests(UnlimitedServerFixture fixture) : IClassFixture<UnlimitedServerFixture>
{
    [Fact]
    public async Task What_is_listed_as_missing_is_missing()
    {
        using var http = new KinesisHttp(fixture.Endpoint);
        foreach (var operation in NotYet.Operations)
        {
            var reply = await http.CallAsync(operation, "{}");
            Assert.True(reply.Text.Contains("UnknownOperationException", StringComparison.Ordinal), $"{operation} is there: take it off the list of {nameof(NotYet)}. {reply}");
        }
    }
}
