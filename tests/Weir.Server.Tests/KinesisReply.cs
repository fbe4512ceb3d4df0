using System.Net;
using System.Text;
using System.Text.Json;

namespace Weir.Server.Tests;

/// <summary>One whole response, kept as bytes.</summary>
internal sealed record KinesisReply(HttpStatusCode Status, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The output of a success, nothing for an operation without output; fails with what came instead.</summary>
    public JsonElement Succeeded()
    {
        Assert.True(Status == HttpStatusCode.OK, $"Expected 200: {this}");
        return Body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(Body);
    }

    /// <summary>A refusal: 400, this type, this text, and no other member.</summary>
    public void AssertRefused(string type, string message)
    {
        Assert.True(Status == HttpStatusCode.BadRequest, $"Expected 400 {type}: {this}");
        var members = JsonSerializer.Deserialize<SortedDictionary<string, string>>(Body)!;
        Assert.Equal(new SortedDictionary<string, string> { ["__type"] = type, ["message"] = message }, members);
    }

    public void AssertInvalidArgument(string message) => AssertRefused("InvalidArgumentException", message);

    public void AssertNotFound(string message) => AssertRefused("ResourceNotFoundException", message);

    public void AssertInUse(string message) => AssertRefused("ResourceInUseException", message);

    public void AssertLimitExceeded(string message) => AssertRefused("LimitExceededException", message);

    /// <summary>A refusal by the service model's constraints, each as <c>Value ... at ... failed to satisfy constraint: ...</c>.</summary>
    public void AssertInvalid(params string[] failures) => AssertRefused(
        "ValidationException",
        $"{failures.Length} validation error{(failures.Length == 1 ? "" : "s")} detected: {string.Join("; ", failures)}");

    /// <summary>A refusal because the shard gives or takes no more at present.</summary>
    public void AssertThrottled(string stream, int shard) =>
        AssertRefused("ProvisionedThroughputExceededException", TestServer.RateExceeded(stream, shard));

    public override string ToString() => $"HTTP {(int)Status} {Text}";
}
