using System.Net;
using System.Text;
using System.Text.Json;
using Weir.Cli.Put;
using Weir.Client;

namespace Weir.Cli.Tests.Put;

public sealed class BatchPutterTests
{
    private readonly Shard _shard = new();
    private readonly PutTotals _totals = new();

    [Fact]
    public async Task Exactly_the_refused_records_go_again()
    {
        // The first request loses 2 and 4, the second one loses 4.
        _shard.Refuse = [["2", "4"], ["4"]];

        await PutAsync("1", "2", "3", "4");

        Assert.Equal(["1,2,3,4", "2,4", "4"], _shard.Requests);
        Assert.Equal(4, _totals.Records);
        Assert.Equal(3, _totals.Resent);
        Assert.Equal(8, _totals.Bytes);
    }

    [Fact]
    public async Task A_refusal_of_the_whole_request_names_the_lines()
    {
        _shard.Code = "ValidationException";

        var failure = await Assert.ThrowsAsync<CommandFailure>(() => PutAsync("1", "2"));

        Assert.Equal("2 records of the lines 1 to 2: No. (ValidationException)", failure.Message);
        Assert.Equal(0, _totals.Records);
    }

    private async Task PutAsync(params string[] data)
    {
        using var client = new KinesisClient(new KinesisClientOptions { Endpoint = new Uri("http://127.0.0.1:1"), MessageHandler = _shard, MaxAttempts = 1 });
        var putter = new BatchPutter(client, "stream", _totals, TimeProvider.System, new Random(1));
        await putter.PutAsync([.. data.Select((text, index) => new InputRecord(index + 1, "k", Encoding.UTF8.GetBytes(text)))], TestContext.Current.CancellationToken);
    }

    /// <summary>A server that refuses what it is told to, one set of records for each request.</summary>
    private sealed class Shard : HttpMessageHandler
    {
        public string[][] Refuse { get; set; } = [];

        public string? Code { get; set; }

        public List<string> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Code is not null)
                return new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent($$"""{"__type":"{{Code}}","message":"No."}""") };
            using var body = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
            var records = body.RootElement.GetProperty("Records").EnumerateArray()
                .Select(record => Encoding.UTF8.GetString(record.GetProperty("Data").GetBytesFromBase64())).ToList();
            var refused = Requests.Count < Refuse.Length ? Refuse[Requests.Count] : [];
            Requests.Add(string.Join(',', records));
            var results = records.Select(record => refused.Contains(record)
                ? """{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Slow down."}"""
                : """{"ShardId":"s","SequenceNumber":"1"}""");
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent($$"""{"Records":[{{string.Join(',', results)}}]}""") };
        }
    }
}
