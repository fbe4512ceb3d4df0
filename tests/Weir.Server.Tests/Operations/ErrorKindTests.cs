using System.Formats.Cbor;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Weir.Model;
using Weir.Oracle;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>
/// One refusal of every kind, asked for in JSON and in CBOR: the same code, the same text, in the encoding of the request. The limits are
/// on and the time is virtual, so that the throttled and the expired are among them.
/// </summary>
public sealed class ErrorKindTests
{
    [Fact]
    public async Task Every_kind_of_refusal_is_the_same_in_both_encodings()
    {
        await using var server = await StartAsync(limits: true);
        await server.CreateStreamAsync("orders", shards: 2);
        var token = (await server.CallAsync("ListShards", new { StreamName = "orders", MaxResults = 1 })).Succeeded().GetProperty("NextToken").GetString();
        var iterator = await server.IteratorAsync("orders");
        server.Time.Advance(KinesisLimits.NextTokenLifetime + TimeSpan.FromSeconds(1));
        var read = new { StreamName = "orders", ShardId = ShardId(1), ShardIteratorType = "LATEST" };
        for (var i = 0; i < KinesisLimits.ShardIteratorsPerSecond; i++)
            (await server.CallAsync("GetShardIterator", read)).Succeeded();

        var kinds = new List<string>();
        foreach (var (kind, operation, input) in new (string, string, object)[]
        {
            ("ResourceNotFoundException", "DescribeStream", new { StreamName = "absent" }),
            ("ResourceInUseException", "CreateStream", new { StreamName = "orders", ShardCount = 1 }),
            ("InvalidArgumentException", "DescribeStream", new { }),
            ("LimitExceededException", "UpdateShardCount", new { StreamName = "orders", TargetShardCount = 5, ScalingType = "UNIFORM_SCALING" }),
            ("ProvisionedThroughputExceededException", "GetShardIterator", read),
            ("ExpiredIteratorException", "GetRecords", new { ShardIterator = iterator }),
            ("ExpiredNextTokenException", "ListShards", new { NextToken = token }),
            ("DryRunOperationException", "PutRecord", new { StreamName = "orders", PartitionKey = "k", Data = "AQ==", DryRun = true }),
            ("ValidationException", "PutRecord", new { StreamName = "orders", PartitionKey = "", Data = "AQ==" }),
            ("SerializationException", "PutRecord", new { StreamName = 5 }),
        })
        {
            var json = await server.CallAsync(operation, input);
            var members = JsonSerializer.Deserialize<SortedDictionary<string, string>>(json.Body)!;
            Assert.Equal((HttpStatusCode.BadRequest, kind, 2), (json.Status, members["__type"], members.Count));
            Assert.Equal(members, await CborAsync(server, operation, input));
            kinds.Add(kind);
        }

        // Of what the operations that are here can answer, internal failures and denied access apart.
        Assert.Equal(10, kinds.Distinct().Count());
    }

    private static async Task<SortedDictionary<string, string>> CborAsync(TestServer server, string operation, object input)
    {
        using var client = new HttpClient { BaseAddress = server.Server.Endpoint };
        using var content = new ByteArrayContent(CborForm.Of(ModelFile.Operation(operation), (JsonObject)JsonNode.Parse(JsonSerializer.Serialize(input))!));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-cbor-1.1");
        content.Headers.Add("X-Amz-Target", $"Kinesis_20131202.{operation}");
        using var response = await client.PostAsync("/", content, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.BadRequest, "application/x-amz-cbor-1.1"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var reader = new CborReader(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var members = new SortedDictionary<string, string>();
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
            members.Add(reader.ReadTextString(), reader.ReadTextString());
        return members;
    }
}
