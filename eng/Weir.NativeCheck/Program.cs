using System.Globalization;
using System.Text;
using Weir.Client;
using Weir.Producer;
using Weir.Protocol.Messages;

// Usage: Weir.NativeCheck ENDPOINT STREAM RECORDS
// Puts records into a stream that is there, in both encodings, and reads what a refusal says.
var (endpoint, stream, records) = (new Uri(args[0]), args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
foreach (var encoding in Enum.GetValues<KinesisEncoding>())
{
    using var client = new KinesisClient(new KinesisClientOptions { Endpoint = endpoint, Region = "us-east-1", Encoding = encoding });
    await using var producer = new KinesisProducer(client, new ProducerOptions { StreamName = stream });
    var results = await Task.WhenAll(Enumerable.Range(0, records).Select(
        i => producer.PutAsync($"{encoding}-{i}", Encoding.UTF8.GetBytes($"data {i}")).AsTask()));
    Console.WriteLine($"{encoding}: {results.Count(result => result.IsStored)} records are stored");
    try
    {
        await client.DescribeStreamAsync(new DescribeStreamRequest { StreamName = "no-such-stream" });
    }
    catch (KinesisResourceNotFoundException refusal)
    {
        Console.WriteLine($"{encoding}: {refusal.Code}");
    }
}
