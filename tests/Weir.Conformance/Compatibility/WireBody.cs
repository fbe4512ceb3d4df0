using System.Formats.Cbor;
using System.Text.Json.Nodes;
using Weir.Conformance.Http;

namespace Weir.Conformance.Compatibility;

/// <summary>One of the API's two encodings, written here a second time so that a shared mistake cannot cancel itself out.</summary>
internal abstract class WireBody
{
    public static WireBody Json { get; } = new JsonBody();

    public static WireBody Cbor { get; } = new CborBody();

    public abstract string ContentType { get; }

    /// <summary>What is read tells blobs and timestamps from texts and numbers by itself.</summary>
    public abstract bool IsTyped { get; }

    /// <summary>An input's body.</summary>
    public abstract byte[] Write(JsonObject input);

    /// <summary>What a body says; an empty one says nothing.</summary>
    public abstract JsonObject Read(byte[] body);

    private sealed class JsonBody : WireBody
    {
        public override string ContentType => KinesisHttp.JsonType;

        public override bool IsTyped => false;

        public override byte[] Write(JsonObject input) => System.Text.Encoding.UTF8.GetBytes(Plain(input)!.ToJsonString());

        public override JsonObject Read(byte[] body) => body.Length == 0 ? [] : JsonNode.Parse(body)!.AsObject();

        /// <summary>Blobs as base64, timestamps as seconds.</summary>
        private static JsonNode? Plain(JsonNode? value) => value switch
        {
            JsonObject when TourValue.AsBlob(value) is { } blob => Convert.ToBase64String(blob),
            JsonObject when TourValue.AsTimestamp(value) is { } milliseconds => milliseconds / 1000.0,
            JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Plain(member.Value)))),
            JsonArray items => new JsonArray([.. items.Select(Plain)]),
            _ => value?.DeepClone(),
        };
    }

    private sealed class CborBody : WireBody
    {
        public override string ContentType => KinesisHttp.CborType;

        public override bool IsTyped => true;

        public override byte[] Write(JsonObject input)
        {
            var writer = new CborWriter();
            Write(writer, input);
            return writer.Encode();
        }

        public override JsonObject Read(byte[] body)
        {
            if (body.Length == 0)
                return [];
            var reader = new CborReader(body);
            var value = Read(reader).AsObject();
            return reader.BytesRemaining == 0 ? value : throw new InvalidDataException($"{reader.BytesRemaining} bytes after the end of the CBOR value.");
        }

        private static void Write(CborWriter writer, JsonNode? value)
        {
            switch (value)
            {
                case JsonObject when TourValue.AsBlob(value) is { } blob:
                    writer.WriteByteString(blob);
                    break;
                case JsonObject when TourValue.AsTimestamp(value) is { } milliseconds:
                    // As Java's clients have it: milliseconds under the tag that RFC 8949 gives to seconds.
                    writer.WriteTag(CborTag.UnixTimeSeconds);
                    writer.WriteInt64(milliseconds);
                    break;
                case JsonObject members:
                    writer.WriteStartMap(members.Count);
                    foreach (var (name, member) in members)
                    {
                        writer.WriteTextString(name);
                        Write(writer, member);
                    }

                    writer.WriteEndMap();
                    break;
                case JsonArray items:
                    writer.WriteStartArray(items.Count);
                    foreach (var item in items)
                        Write(writer, item);
                    writer.WriteEndArray();
                    break;
                case JsonValue scalar when scalar.TryGetValue<string>(out var text):
                    writer.WriteTextString(text);
                    break;
                case JsonValue scalar when scalar.TryGetValue<bool>(out var flag):
                    writer.WriteBoolean(flag);
                    break;
                case JsonValue scalar:
                    writer.WriteInt64(scalar.GetValue<long>());
                    break;
                default:
                    writer.WriteNull();
                    break;
            }
        }

        private static JsonNode Read(CborReader reader)
        {
            switch (reader.PeekState())
            {
                case CborReaderState.StartMap:
                    var members = new JsonObject();
                    reader.ReadStartMap();
                    while (reader.PeekState() != CborReaderState.EndMap)
                        members.Add(reader.ReadTextString(), Read(reader));
                    reader.ReadEndMap();
                    return members;
                case CborReaderState.StartArray:
                    var items = new JsonArray();
                    reader.ReadStartArray();
                    while (reader.PeekState() != CborReaderState.EndArray)
                        items.Add(Read(reader));
                    reader.ReadEndArray();
                    return items;
                case CborReaderState.ByteString:
                    return TourValue.Blob(reader.ReadByteString());
                case CborReaderState.Tag when reader.ReadTag() == CborTag.UnixTimeSeconds:
                    return TourValue.Timestamp(reader.ReadInt64());
                case CborReaderState.TextString:
                    return reader.ReadTextString();
                case CborReaderState.Boolean:
                    return reader.ReadBoolean();
                case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger:
                    return reader.ReadInt64();
                default:
                    throw new InvalidDataException($"The service sends no CBOR of this kind: {reader.PeekState()}.");
            }
        }
    }
}
