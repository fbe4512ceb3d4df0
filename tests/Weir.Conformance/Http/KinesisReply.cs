using System.Net;
using System.Text;
using System.Text.Json;

namespace Weir.Conformance.Http;

/// <summary>One whole HTTP response, kept as bytes.</summary>
internal sealed record KinesisReply(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.GetValueOrDefault(name.ToLowerInvariant());

    /// <summary>The body as JSON; fails with the whole body when it is none.</summary>
    public JsonElement Json
    {
        get
        {
            try
            {
                using var document = JsonDocument.Parse(Body);
                return document.RootElement.Clone();
            }
            catch (JsonException reason)
            {
                throw new InvalidDataException($"Not JSON ({reason.Message}): {this}", reason);
            }
        }
    }

    /// <summary>The body of a success; fails with what came instead.</summary>
    public KinesisReply Succeeded()
    {
        Assert.True(Status == HttpStatusCode.OK, $"Expected 200: {this}");
        return this;
    }

    /// <summary>An error of the operation: 400, these two members and no other, the message under this name.</summary>
    public void AssertRefused(string type, string message, string messageMember = "message")
    {
        Assert.True(Status == HttpStatusCode.BadRequest, $"Expected 400 {type}: {this}");
        var members = Json.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.ToString());
        Assert.Equal(
            new SortedDictionary<string, string>(StringComparer.Ordinal) { ["__type"] = type, [messageMember] = message },
            new SortedDictionary<string, string>(members, StringComparer.Ordinal));
    }

    /// <summary>As <see cref="AssertRefused"/> where the text is not fixed.</summary>
    public string AssertRefusedAs(string type)
    {
        Assert.True(Status == HttpStatusCode.BadRequest, $"Expected 400 {type}: {this}");
        Assert.Equal(type, Json.GetProperty("__type").GetString());
        return Json.TryGetProperty("message", out var message) ? message.GetString()! : "";
    }

    public override string ToString() =>
        $"HTTP {(int)Status} [{string.Join("; ", Headers.Select(header => $"{header.Key}: {header.Value}"))}] {Text}";
}
