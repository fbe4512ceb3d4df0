using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weir.Server.Security.Credentials;

/// <summary>The JSON of a credentials file (docs/formats/credentials.md).</summary>
internal static class CredentialsFormat
{
    private const int Version = 1;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="CredentialsFileException">It is not in this form. Members that are unknown are refused: they may have been meant as a limit.</exception>
    public static List<StoredAccessKey> Read(byte[] bytes, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            var root = document.RootElement;
            CheckMembers(root, "the file", "version", "accessKeys");
            if (root.GetProperty("version").GetInt32() is var version and not Version)
                throw new FormatException($"its version is {version}, and this program knows {Version}");
            var keys = root.GetProperty("accessKeys").EnumerateArray().Select(ReadKey).ToList();
            var twice = keys.GroupBy(key => key.AccessKeyId).FirstOrDefault(group => group.Count() > 1);
            return twice is null ? keys : throw new FormatException($"access key {twice.Key} is in it twice");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CredentialsFileException($"{path} is no credentials file: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a file.</summary>
    public static byte[] Write(IEnumerable<StoredAccessKey> keys)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("accessKeys");
            foreach (var key in keys)
                WriteKey(json, key);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static StoredAccessKey ReadKey(JsonElement json)
    {
        CheckMembers(json, "an access key", "accessKeyId", "secret", "accountId", "user", "created", "expires", "tokenHash", "policy");
        return new StoredAccessKey
        {
            AccessKeyId = json.GetProperty("accessKeyId").GetString() ?? throw new FormatException("an access key has no accessKeyId"),
            SealedSecret = json.GetProperty("secret").GetString() ?? throw new FormatException("an access key has no secret"),
            AccountId = Text(json, "accountId"),
            UserName = json.GetProperty("user").GetString() ?? throw new FormatException("an access key has no user"),
            CreatedAt = json.GetProperty("created").GetDateTimeOffset(),
            ExpiresAt = json.TryGetProperty("expires", out var expires) ? expires.GetDateTimeOffset() : null,
            TokenHash = Text(json, "tokenHash"),
            Policy = json.GetProperty("policy").GetRawText(),
        };
    }

    private static void WriteKey(Utf8JsonWriter json, StoredAccessKey key)
    {
        json.WriteStartObject();
        json.WriteString("accessKeyId", key.AccessKeyId);
        json.WriteString("secret", key.SealedSecret);
        if (key.AccountId is not null)
            json.WriteString("accountId", key.AccountId);
        json.WriteString("user", key.UserName);
        json.WriteString("created", Moment(key.CreatedAt));
        if (key.ExpiresAt is { } expires)
            json.WriteString("expires", Moment(expires));
        if (key.TokenHash is not null)
            json.WriteString("tokenHash", key.TokenHash);
        json.WritePropertyName("policy");
        using (var policy = JsonDocument.Parse(key.Policy))
            policy.WriteTo(json);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static void CheckMembers(JsonElement json, string what, params string[] names)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{what} is no object");
        foreach (var member in json.EnumerateObject())
        {
            if (!names.Contains(member.Name))
                throw new FormatException($"{what} has no member '{member.Name}'");
        }
    }
}
