using System.Formats.Cbor;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weir.Oracle;

/// <summary>
/// The CBOR that a client would send for a request that is written as JSON: where the model says so bytes are byte strings and times
/// are milliseconds under tag 1; whatever is of another type than the model says keeps its own.
/// </summary>
public static class CborForm
{
    public static byte[] Of(ModelOperation operation, JsonObject request)
    {
        var writer = new CborWriter();
        Write(writer, operation.Input, request);
        return writer.Encode();
    }

    private static void Write(CborWriter writer, ModelShape? shape, JsonNode? value)
    {
        switch (value?.GetValueKind())
        {
            case null:
                writer.WriteNull();
                break;
            case JsonValueKind.Object:
                writer.WriteStartMap(null);
                foreach (var (name, member) in (JsonObject)value)
                {
                    writer.WriteTextString(name);
                    Write(writer, shape?.Type == "map" ? shape.Element : shape?.Members.FirstOrDefault(known => known.Name == name)?.Shape, member);
                }

                writer.WriteEndMap();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray(null);
                foreach (var item in (JsonArray)value)
                    Write(writer, shape?.Type == "list" ? shape.Element : null, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(value.GetValue<bool>());
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, shape, value);
                break;
            default:
                WriteText(writer, shape, value.GetValue<string>());
                break;
        }
    }

    private static void WriteNumber(CborWriter writer, ModelShape? shape, JsonNode value)
    {
        var number = value.GetValue<JsonElement>();
        if (shape?.Type == "timestamp" && Math.Abs(number.GetDouble()) < 1e12)
        {
            writer.WriteTag(CborTag.UnixTimeSeconds);
            writer.WriteInt64((long)Math.Round(number.GetDouble() * 1000));
        }
        else if (number.TryGetInt64(out var integer))
        {
            writer.WriteInt64(integer);
        }
        else
        {
            writer.WriteDouble(number.GetDouble());
        }
    }

    private static void WriteText(CborWriter writer, ModelShape? shape, string text)
    {
        var bytes = new byte[text.Length];
        // The framework is more lenient with what is left over at the end than the service is: such a text stays text.
        if (shape?.Type == "blob" && Convert.TryFromBase64String(text, bytes, out var length) && Convert.ToBase64String(bytes, 0, length) == text)
            writer.WriteByteString(bytes.AsSpan(0, length));
        else
            writer.WriteTextString(text);
    }
}
