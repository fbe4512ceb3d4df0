using Weir.Conformance.Http;
using Weir.Conformance.Server;

namespace Weir.Conformance.Faults;

/// <summary>A stream with more records than one segment file holds, in a server's data directory: the first file is sealed, and cold after a restart.</summary>
internal static class FilledStream
{
    public const string Name = "filled";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // 4 MB a request, 17 requests: a little more than a segment of 64 MiB.
    private const int RecordBytes = 20_000;
    public const int RecordsOfARequest = 200;

    /// <summary>Fills a fresh directory; the server has ended afterwards.</summary>
    /// <returns>How many records there are.</returns>
    public static async Task<int> FillAsync(string data)
    {
        await using var server = await WeirServer.StartAsync("--data", data, "--limits", "off", "--durability", "os");
        using var http = new KinesisHttp(server.Endpoint);
        await http.CreateStreamAsync(Name);
        var count = 0;
        while (Segments(data).Length < 2)
            count += await PutManyAsync(http);
        Assert.Equal(0, await server.TerminateAsync());
        return count;
    }

    /// <summary>The segment files, oldest first.</summary>
    public static string[] Segments(string data) =>
        [.. Directory.GetFiles(Path.Combine(data, "logs"), "*.segment", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Puts four megabytes and says how many records were accepted.</summary>
    public static async Task<int> PutManyAsync(KinesisHttp http)
    {
        var data = Convert.ToBase64String(new byte[RecordBytes]);
        var reply = await http.CallAsync("PutRecords", new
        {
            StreamName = Name,
            Records = Enumerable.Range(0, RecordsOfARequest).Select(i => new { Data = data, PartitionKey = $"{i}" }),
        });
        return RecordsOfARequest - reply.Succeeded().Json.GetProperty("FailedRecordCount").GetInt32();
    }

    /// <summary>Puts a small record.</summary>
    public static Task<KinesisReply> PutAsync(KinesisHttp http, string stream = Name) =>
        http.CallAsync("PutRecord", new { StreamName = stream, PartitionKey = "k", Data = new byte[10] });

    /// <summary>Reads the oldest records, which are in the first segment.</summary>
    public static async Task<KinesisReply> ReadOldestAsync(KinesisHttp http) =>
        await http.CallAsync("GetRecords", new { ShardIterator = await http.IteratorAsync(Name), Limit = 10 });

    /// <summary>The answer to what the server could not do for a reason of its own: an error that SDKs retry.</summary>
    public static void AssertFailed(KinesisReply reply)
    {
        Assert.True((int)reply.Status == 500, reply.ToString());
        Assert.StartsWith("InternalFailure", reply.Json.GetProperty("__type").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Waits until the server has told its operator: its log is written beside the answers.</summary>
    public static Task<string> ToldAsync(WeirServer server, string text) => Polling.UntilAsync<string>(
        $"the server's log says: {text}", Patience, () => Task.FromResult(server.ErrorText.Contains(text, StringComparison.Ordinal) ? text : null));

    /// <summary>A counter of the metrics page, over a connection that is open already; 0 while it has no line.</summary>
    public static async Task<double> MetricAsync(KinesisHttp http, string name)
    {
        var page = (await http.SendAsync(HttpMethod.Get, null, null, null, "/_weir/metrics")).Succeeded().Text;
        var line = page.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
