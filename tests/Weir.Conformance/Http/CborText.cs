using System.Formats.Cbor;
using System.Text.Json;

namespace Weir.Conformance.Http;

/// <summary>Turns a request written as JSON into the CBOR that a Java client would send for it.</summary>
internal static class CborText
{
    /// <summary>The same map; members called Data become byte strings, members called Timestamp milliseconds under tag 1.</summary>
    public static byte[] FromJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        var writer = new CborWriter();
        Write(writer, "", document.RootElement);
        return writer.Encode();
    }

    private static void Write(CborWriter writer, string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartMap(null);
                foreach (var member in value.EnumerateObject())
                {
                    writer.WriteTextString(member.Name);
                    Write(writer, member.Name, member.Value);
                }

                writer.WriteEndMap();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray(null);
                foreach (var item in value.EnumerateArray())
                    Write(writer, "", item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String when name == "Data":
                writer.WriteByteString(value.GetBytesFromBase64());
                break;
            case JsonValueKind.String:
                writer.WriteTextString(value.GetString()!);
                break;
            case JsonValueKind.Number when name == "Timestamp":
                writer.WriteTag(CborTag.UnixTimeSeconds);
                writer.WriteInt64((long)(value.GetDouble() * 1000));
                break;
            case JsonValueKind.Number:
                writer.WriteInt64(value.GetInt64());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(value.GetBoolean());
                break;
            default:
                writer.WriteNull();
                break;
        }
    }
}
