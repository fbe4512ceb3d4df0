using System.Text.Json;
using Weir.Model;
using Weir.Protocol.Aggregation;

namespace Weir.Producer.Tests.Peers;

/// <summary>
/// What Weir aggregates, aws-kinesis-agg takes apart, record for record; what that one aggregates, Weir takes apart; and both write the same
/// bytes. By seed, over sizes, keys and explicit hash keys.
/// </summary>
public sealed class AggregationPeerTests
{
    private const int Cases = 300;

    [Fact]
    public async Task The_peer_takes_apart_what_Weir_aggregates()
    {
        var cases = Enumerable.Range(0, Cases).Select(seed => Records(seed, forPeerToRead: true)).ToList();
        var answers = await AggregationPeer.RunAsync("deaggregate", [.. cases.Select(records => Convert.ToBase64String(Aggregate(records)))]);
        Assert.Equal(cases.Select(Json), answers);
    }

    [Fact]
    public async Task Weir_takes_apart_what_the_peer_aggregates_and_writes_the_same_bytes()
    {
        var cases = Enumerable.Range(1000, Cases).Select(seed => Records(seed, forPeerToRead: false)).ToList();
        var answers = await AggregationPeer.RunAsync("aggregate", [.. cases.Select(Json)]);
        Assert.Equal(cases.Count, answers.Count);
        foreach (var (records, answer) in cases.Zip(answers))
        {
            var payload = Convert.FromBase64String(JsonSerializer.Deserialize<string>(answer)!);
            Assert.True(AggregatedRecordReader.TryRead(payload, out var read));
            Assert.Equal(Json(records), Json(read));
            Assert.Equal(Convert.ToHexString(payload), Convert.ToHexString(Aggregate(records)));
        }
    }

    private static byte[] Aggregate(IReadOnlyList<UserRecord> records)
    {
        using var writer = new AggregatedRecordWriter(1024 * 1024);
        foreach (var (key, hashKey, data) in records)
            Assert.True(writer.TryAdd(key, hashKey, data.Span));
        var payload = new byte[writer.SizeInBytes];
        writer.WriteTo(payload);
        return payload;
    }

    private static string Json(IReadOnlyList<UserRecord> records) => JsonSerializer.Serialize(
        records.Select(record => new[] { record.PartitionKey, record.ExplicitHashKey?.ToString(), Convert.ToBase64String(record.Data.Span) }),
        new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    // The peer keeps its tables in objects, in which JavaScript sorts keys that look like array indexes to the front, so that its own indexes point to
    // others; it asks for data; and it counts characters for bytes. What it writes itself leaves these out. When it reads, a record without an explicit
    // hash key gets the first one of the table: then all records have one, or none.
    private static List<UserRecord> Records(int seed, bool forPeerToRead)
    {
        var random = new Random(seed);
        var keys = Enumerable.Range(0, random.Next(1, 40)).Select(_ => Key(random, forPeerToRead)).ToList();
        var hashKeys = Enumerable.Range(0, random.Next(1, 10)).Select(_ => HashKeyOf(random)).ToList();
        var all = random.Next(2) == 0;
        var most = random.Next(3) == 0 ? 3_000 : 200;
        return
        [
            .. Enumerable.Range(0, random.Next(1, random.Next(2) == 0 ? 5 : 200)).Select(_ =>
            {
                var data = new byte[random.Next(forPeerToRead ? 0 : 1, most)];
                random.NextBytes(data);
                return new UserRecord(keys[random.Next(keys.Count)], !(forPeerToRead ? all : random.Next(2) == 0) ? null : hashKeys[random.Next(hashKeys.Count)], data);
            }),
        ];
    }

    private static string Key(Random random, bool forPeerToRead) => (forPeerToRead ? random.Next(4) : random.Next(2)) switch
    {
        0 => $"k{random.Next(1000)}",
        1 => $"k{random.Next()}" + new string('x', random.Next(200)),
        2 => random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => $"schlüssel-鍵-{random.Next(1000)}",
    };

    private static HashKey HashKeyOf(Random random) =>
        new(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()) | (UInt128.One << 40));
}
