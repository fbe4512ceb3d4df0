using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Oracle;

namespace Weir.Conformance.Http;

/// <summary>
/// One request of a fuzz run, made from the run's seed and its own number: legal requests of every operation about streams that are
/// there, the same with values that the model refuses, trees that only use its names, bytes changed, cut and doubled, noise, and
/// headers that no client sends. In JSON and CBOR, over HTTP/1.1 and HTTP/2 by turns.
/// </summary>
internal sealed record FuzzedRequest(int Seed, int Number, ModelOperation Operation, string ContentType, string Target, byte[] Body)
{
    private const double Mistakes = 0.3;

    // What a parser counts with: brackets and quotes; in CBOR the heads of containers, of strings too long, of tags and floats, and the break.
    private static readonly byte[] JsonStructure = [.. "{}[]\",:0-eE\\"u8];
    private static readonly byte[] CborStructure = [0xBF, 0x9F, 0xA1, 0x81, 0x5F, 0x7F, 0xBB, 0x5B, 0xC1, 0xFB, 0xF6, 0xFF];

    // Stands for half a character, which the framework's own trees cannot hold.
    private const string LoneSurrogate = "half a character";

    private static readonly string[] AnyValues =
        ["null", "true", "0", "-1", "1e308", "1e-300", "9223372036854775807", "0.1", "\"\"", "\"x\"", $"\"{LoneSurrogate}\"", "\"\\u0000\"", "[]", "{}", "[[[[null]]]]", "{\"a\":{\"b\":[{}]}}"];

    /// <summary>Whether it goes over HTTP/2.</summary>
    public bool IsHttp2 => (Number & 2) != 0;

    /// <summary>The request of a number; the same in every run against streams of these names.</summary>
    public static FuzzedRequest Make(int seed, int number, FuzzTargets targets)
    {
        var random = new Random(unchecked((seed * 31) + number));
        var cbor = (number & 1) != 0;
        var operation = ModelFile.Operations[random.Next(ModelFile.Operations.Count)];
        var kind = random.Next(100);
        var tree = kind switch
        {
            < 25 => targets.Aim(new RequestGenerator(random).Request(operation), operation, random),
            < 45 => targets.Aim(new RequestGenerator(random, Mistakes).Request(operation), operation, random),
            < 60 => AnyTree(operation, random),
            _ => targets.Aim(new RequestGenerator(random).Least(operation), operation, random),
        };
        // Trees are parsed again: nodes that were built keep the types of the program, not of the wire.
        var text = tree.ToJsonString();
        var body = cbor ? CborForm.Of(operation, (JsonObject)JsonNode.Parse(text)!) : Encoding.UTF8.GetBytes(text.Replace(LoneSurrogate, @"\ud800", StringComparison.Ordinal));
        var contentType = cbor ? KinesisHttp.CborType : KinesisHttp.JsonType;
        var target = KinesisHttp.TargetPrefix + operation.Name;
        if (kind is >= 60 and < 90)
            body = Mutate(body, cbor ? CborStructure : JsonStructure, random);
        else if (kind is >= 90 and < 95)
            random.NextBytes(body = new byte[random.Next(1, 2000)]);
        else if (kind >= 95)
            (contentType, target) = AnyHeaders(contentType, target, random);
        return new FuzzedRequest(seed, number, operation, contentType, target, body);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Request {Number} of seed {Seed}, {ContentType} to {Target} over HTTP/{(IsHttp2 ? 2 : 1)}\nbody in base64: {Convert.ToBase64String(Body)}");

    private static JsonObject AnyTree(ModelOperation operation, Random random)
    {
        var names = operation.Input.Members.Select(member => member.Name).Append("Unknown").ToList();
        var tree = new JsonObject();
        for (var n = random.Next(6); n > 0; n--)
            tree[names[random.Next(names.Count)]] = JsonNode.Parse(AnyValues[random.Next(AnyValues.Length)]);
        return tree;
    }

    private static byte[] Mutate(byte[] body, byte[] structure, Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                return body[..random.Next(1, body.Length + 1)];
            case 1:
                return [.. body[..random.Next(body.Length)], .. body[random.Next(body.Length)..]];
            case 2:
                var from = random.Next(body.Length);
                return [.. body[..from], .. structure, .. body[from..]];
            default:
                for (var changes = random.Next(1, 8); changes > 0; changes--)
                    body[random.Next(body.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : structure[random.Next(structure.Length)];
                return body;
        }
    }

    private static (string ContentType, string Target) AnyHeaders(string contentType, string target, Random random) => random.Next(8) switch
    {
        0 => (contentType, ""),
        1 => (contentType, "Kinesis_20131202"),
        2 => (contentType, target + ".more"),
        3 => (contentType, target.ToUpperInvariant()),
        4 => (contentType, new string((char)random.Next(33, 127), random.Next(1, 2000))),
        5 => (contentType + "; charset=\"x\"; q=1", target),
        6 => ("application/json", target),
        // The body is of the other encoding.
        _ => (contentType == KinesisHttp.CborType ? KinesisHttp.JsonType : KinesisHttp.CborType, target),
    };
}
