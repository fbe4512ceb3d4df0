using System.Globalization;
using Weir.Protocol.Messages;

namespace Weir.Protocol.Tests.Records;

/// <summary>Makes typed puts that break no constraint.</summary>
internal static class LegalPuts
{
    public static PutRecordsRequest Batch(Random random) => new()
    {
        StreamName = "stream." + random.Next(),
        Records = [.. Enumerable.Range(0, random.Next(1, 21)).Select(_ => Entry(random))],
    };

    private static PutRecordsRequestEntry Entry(Random random)
    {
        var data = new byte[random.Next(300)];
        random.NextBytes(data);
        return new PutRecordsRequestEntry
        {
            Data = data,
            PartitionKey = new string([.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (char)random.Next(1, 0xD7FF))]),
            ExplicitHashKey = random.Next(2) == 0 ? null : random.NextInt64().ToString(CultureInfo.InvariantCulture),
        };
    }
}
