using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Server.Tests.Security;

/// <summary>
/// A request in all its parts, for tests to sign and then to spoil. Signs by a second implementation of Signature Version 4, which knows
/// nothing of the one under test: no dots in paths, no odd spaces, but every header that the request has.
/// </summary>
internal sealed class SignedRequest
{
    public string Method { get; set; } = "POST";

    public string Path { get; set; } = "/";

    public SortedDictionary<string, string> Query { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Headers { get; } = new(StringComparer.Ordinal);

    public byte[] Body { get; set; } = [];

    public string Authorization
    {
        get => Headers["authorization"];
        set => Headers["authorization"] = value;
    }

    public static SignedRequest Of(string operation, string json) => new()
    {
        Body = Encoding.UTF8.GetBytes(json),
        Headers =
        {
            ["host"] = "weir.test",
            ["content-type"] = "application/x-amz-json-1.1",
            ["x-amz-target"] = $"Kinesis_20131202.{operation}",
        },
    };

    /// <summary>Signs in the header.</summary>
    public SignedRequest Sign(AwsKey key, DateTimeOffset time, string region = TestServer.Region, string service = "kinesis")
    {
        Headers["x-amz-date"] = Basic(time);
        if (key.Token is not null)
            Headers["x-amz-security-token"] = key.Token;
        Authorization = SignAsItIs(key, time, region, service);
        return this;
    }

    /// <summary>The value of the header for the request as it stands, whatever it lacks.</summary>
    public string SignAsItIs(AwsKey key, DateTimeOffset time, string region = TestServer.Region, string service = "kinesis")
    {
        var names = string.Join(';', Headers.Keys);
        return $"AWS4-HMAC-SHA256 Credential={key.Id}/{Scope(time, region, service)}, SignedHeaders={names}, Signature={Signature(key, time, region, service, names)}";
    }

    /// <summary>Signs in the query.</summary>
    public SignedRequest Presign(AwsKey key, DateTimeOffset time, int? seconds = 60, string region = TestServer.Region)
    {
        var names = string.Join(';', Headers.Keys);
        Query["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256";
        Query["X-Amz-Credential"] = $"{key.Id}/{Scope(time, region, "kinesis")}";
        Query["X-Amz-Date"] = Basic(time);
        Query["X-Amz-SignedHeaders"] = names;
        if (seconds is not null)
            Query["X-Amz-Expires"] = seconds.Value.ToString(CultureInfo.InvariantCulture);
        if (key.Token is not null)
            Query["X-Amz-Security-Token"] = key.Token;
        Query["X-Amz-Signature"] = Signature(key, time, region, "kinesis", names);
        return this;
    }

    /// <summary>The whole request as HTTP/1.1 has it.</summary>
    public byte[] Bytes()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{Method} {Path}{(Query.Count == 0 ? "" : "?" + QueryText())} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n\r\n");
        return [.. Encoding.UTF8.GetBytes(head.ToString()), .. Body];
    }

    public static string Basic(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private static string Scope(DateTimeOffset time, string region, string service) => $"{Basic(time)[..8]}/{region}/{service}/aws4_request";

    private string QueryText() => string.Join('&', Query.Select(parameter => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(parameter.Value)}"));

    private string Signature(AwsKey key, DateTimeOffset time, string region, string service, string names)
    {
        var headers = string.Concat(names.Split(';').Select(name => $"{name}:{Headers[name]}\n"));
        var canonical = $"{Method}\n{Path}\n{QueryText()}\n{headers}\n{names}\n{Hex(SHA256.HashData(Body))}";
        var toSign = $"AWS4-HMAC-SHA256\n{Basic(time)}\n{Scope(time, region, service)}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var chain = new[] { Basic(time)[..8], region, service, "aws4_request", toSign };
        return Hex(chain.Aggregate(Encoding.UTF8.GetBytes("AWS4" + key.Secret), (step, text) => HMACSHA256.HashData(step, Encoding.UTF8.GetBytes(text))));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}

/// <summary>What a client signs with.</summary>
internal sealed record AwsKey(string Id, string Secret, string? Token = null);
