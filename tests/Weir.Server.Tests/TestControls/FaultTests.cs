using System.Net;
using System.Text.Json;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.TestControls;

/// <summary>Each kind of fault and each filter, through the page, as a client of the API feels it.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const string Path = "/_weir/faults";

    private TestServer _server = null!;
    private ControlClient _controls = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync(testControls: true);
        _controls = new ControlClient(_server);
        await _server.CreateStreamAsync("orders", shards: 2);
        await _server.CreateStreamAsync("rivers");
    }

    public async ValueTask DisposeAsync()
    {
        _controls.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_fault_is_listed_with_its_counts_and_taken_away()
    {
        var first = await _controls.FaultAsync("""{"kind":"throttle","operations":["PutRecord","GetRecords"],"stream":"orders","shard":"1","rate":0.5,"count":7,"skip":1,"seed":42}""");
        var second = await _controls.FaultAsync("""{"kind":"latency","operations":"ListStreams","min":"100ms","max":1.5}""");
        Assert.Equal(("/_weir/faults/1", "/_weir/faults/2"), (first, second));
        await _controls.SendAsync(HttpMethod.Get, first);
        var expected = """
            {"id":1,"kind":"throttle","operations":["PutRecord","GetRecords"],"stream":"orders","shard":"shardId-000000000001","rate":0.5,"skip":1,"count":7,"seed":42,"matched":0,"fired":0}
            """.Trim();
        Assert.Equal(expected + "\n", (await _controls.GetAsync(first)).Text);
        Assert.Equal(
            $$"""{"faults":[{{expected}},{"id":2,"kind":"latency","operations":["ListStreams"],"rate":1,"skip":0,"seed":0,"min":"100ms","max":"1500ms","matched":0,"fired":0}]}""" + "\n",
            (await _controls.GetAsync(Path)).Text);
        Assert.Equal("{\"removed\":1}\n", (await _controls.DeleteAsync(first)).Text);
        Assert.Equal((HttpStatusCode.NotFound, "{\"error\":\"There is no fault 1.\"}\n"), (await _controls.DeleteAsync(first) is var gone ? gone.Status : default, gone.Text));
        await _controls.FaultAsync("""{"kind":"unavailable"}""");
        Assert.Equal("{\"removed\":2}\n", (await _controls.DeleteAsync(Path)).Text);
        Assert.Equal("{\"faults\":[]}\n", (await _controls.GetAsync(Path)).Text);
        Assert.Equal("/_weir/faults/4", await _controls.FaultAsync("""{"kind":"unavailable","count":1}"""));
    }

    [Fact]
    public async Task There_are_at_most_1000()
    {
        for (var i = 0; i < 1000; i++)
            await _controls.FaultAsync("""{"kind":"throttle","rate":0}""");
        await _controls.AssertRefusedAsync(
            Path, """{"kind":"throttle"}""", "There are 1000 faults, and there may be no more; DELETE /_weir/faults takes them away.");
        (await _server.PutAsync("orders", "x")).Succeeded();
    }

    [Theory]
    [InlineData("""{}""", "kind is missing; it must be one of throttle, internalFailure, unavailable, latency, reset, expireIterator, dropSubscription, refuseKey.")]
    [InlineData("""{"kind":"slow"}""", """kind is "slow"; it must be one of throttle, internalFailure, unavailable, latency, reset, expireIterator, dropSubscription, refuseKey.""")]
    [InlineData("""{"kind":"throttle","operation":"PutRecord"}""", "There is no member operation here; there are consumer, count, kind, operations, rate, seed, shard, skip, stream.")]
    [InlineData("""{"kind":"throttle","operations":["PutRecrd"]}""", """operations has "PutRecrd"; it must name operations of the API, such as "PutRecords".""")]
    [InlineData("""{"kind":"throttle","operations":[]}""", "operations is []; it must be a text, or a list of at least one text.")]
    [InlineData("""{"kind":"throttle","rate":1.5}""", "rate is 1.5; it must be a number from 0 to 1.")]
    [InlineData("""{"kind":"throttle","count":0}""", "count is 0; it must be a whole number from 1 to 1000000000.")]
    [InlineData("""{"kind":"throttle","skip":-1}""", "skip is -1; it must be a whole number from 0 to 1000000000.")]
    [InlineData("""{"kind":"throttle","seed":"a"}""", """seed is "a"; it must be a whole number from -9223372036854775808 to 9223372036854775807.""")]
    [InlineData("""{"kind":"throttle","shard":"first"}""", """shard is "first"; it must be a shard's id such as "shardId-000000000001", or its number as a text.""")]
    [InlineData("""{"kind":"throttle","stream":7}""", "stream is 7; it must be a text.")]
    [InlineData("""{"kind":"latency"}""", "A latency has either duration, or min and max.")]
    [InlineData("""{"kind":"latency","min":1}""", "A latency has either duration, or min and max.")]
    [InlineData("""{"kind":"latency","duration":1,"min":1,"max":2}""", "A latency has either duration, or min and max.")]
    [InlineData("""{"kind":"latency","min":2,"max":1}""", "min is 2; it must be at most max.")]
    [InlineData("""{"kind":"latency","duration":"11m"}""", """duration is "11m"; it must be a number of seconds, or a text such as "250ms", "10s", "5m", "24h" or "7d", up to 10m.""")]
    [InlineData("""{"kind":"throttle","duration":1}""", "There is no member duration here; there are consumer, count, kind, operations, rate, seed, shard, skip, stream.")]
    [InlineData("""{"kind":"reset","when":"during"}""", """when is "during"; it must be "before" or "after".""")]
    [InlineData("""{"kind":"internalFailure","perEntry":1}""", "perEntry is 1; it must be true or false.")]
    [InlineData("""{"kind":"internalFailure","perEntry":true,"operations":["PutRecord"]}""", "operations has PutRecord; perEntry is for PutRecords only.")]
    [InlineData("""{"kind":"expireIterator","operations":["PutRecord"]}""", "operations has PutRecord; expireIterator happens to GetRecords only.")]
    [InlineData("""{"kind":"dropSubscription"}""", "A dropSubscription has afterEvents, after, or both.")]
    [InlineData("""{"kind":"refuseKey"}""", "error is missing; a refuseKey has one of KMSAccessDeniedException, KMSDisabledException, KMSInvalidStateException, KMSNotFoundException, KMSOptInRequired, KMSThrottlingException.")]
    [InlineData("""{"kind":"refuseKey","error":"disabled"}""", """error is "disabled"; it must be one of KMSAccessDeniedException, KMSDisabledException, KMSInvalidStateException, KMSNotFoundException, KMSOptInRequired, KMSThrottlingException.""")]
    [InlineData("""{"kind":"refuseKey","error":"KMSDisabledException","operations":["ListShards"]}""", "operations has ListShards; refuseKey happens to PutRecord, PutRecords, GetRecords, StartStreamEncryption only.")]
    [InlineData("""{"kind":"reset","operations":["PutRecords"],"shard":"0"}""", "shard goes with PutRecords only for throttle, and for internalFailure with perEntry: its entries go to many shards.")]
    public async Task Nonsense_is_refused_in_a_sentence(string fault, string complaint)
    {
        await _controls.AssertRefusedAsync(Path, fault, complaint);
        Assert.Equal("{\"faults\":[]}\n", (await _controls.GetAsync(Path)).Text);
    }

    [Fact]
    public async Task A_throttle_is_the_operations_own_answer()
    {
        await _controls.FaultAsync("""{"kind":"throttle"}""");
        (await _server.PutAsync("rivers", "x")).AssertThrottled("rivers", 0);
        (await _server.CallAsync("GetShardIterator", new { StreamName = "rivers", ShardId = ShardId(0), ShardIteratorType = "LATEST" })).AssertThrottled("rivers", 0);
        (await _server.CallAsync("DescribeStreamSummary", new { StreamName = "rivers" })).AssertLimitExceeded($"Rate exceeded for stream rivers under account {Account}.");
        (await _server.CallAsync("ListStreams", new { })).AssertLimitExceeded("Rate exceeded.");
        // What is wrong by itself is told so: there is no shard to be throttled.
        (await _server.PutAsync("nothing", "x")).AssertNotFound(NotFound("nothing"));
        (await _server.CallAsync("ListStreams", new { Limit = 0 })).AssertInvalid("Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1");
    }

    [Fact]
    public async Task A_throttle_of_a_read_names_the_iterators_shard()
    {
        var iterator = await _server.IteratorAsync("orders", shard: 1);
        await _controls.FaultAsync("""{"kind":"throttle","operations":["GetRecords"],"shard":"shardId-000000000001"}""");
        (await _server.GetRecordsAsync(iterator)).AssertThrottled("orders", 1);
        (await _server.GetRecordsAsync(await _server.IteratorAsync("orders", shard: 0))).Succeeded();
    }

    [Fact]
    public async Task The_whole_request_fails_with_500_or_503()
    {
        await _controls.FaultAsync("""{"kind":"internalFailure","stream":"orders"}""");
        await _controls.FaultAsync("""{"kind":"unavailable","stream":"rivers"}""");
        var failed = await PutManyAsync("orders", "0", "1");
        Assert.Equal((HttpStatusCode.InternalServerError, """{"__type":"InternalFailure"}"""), (failed.Status, failed.Text));
        var unavailable = await _server.PutAsync("rivers", "x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unavailable.Status);
        Assert.Contains("\"ServiceUnavailable\"", unavailable.Text, StringComparison.Ordinal);
        await _controls.DeleteAsync(Path);
        Assert.Empty(await ReadAllAsync("rivers", 0));
    }

    [Fact]
    public async Task An_iterator_expires_before_its_time()
    {
        var iterator = await _server.IteratorAsync("rivers");
        await _controls.FaultAsync("""{"kind":"expireIterator","stream":"rivers","count":1}""");
        (await _server.GetRecordsAsync(iterator)).AssertRefused(
            "ExpiredIteratorException",
            "Iterator expired. The iterator was created at time Wed Dec 31 23:54:59 UTC 2025 while right now it is Thu Jan 01 00:00:00 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.");
        (await _server.GetRecordsAsync(iterator)).Succeeded();
    }

    [Theory]
    [InlineData("KMSAccessDeniedException", $"User arn:aws:iam::{Account}:root is not authorized to ACTION records in stream rivers")]
    [InlineData("KMSDisabledException", $"The key of stream rivers under account {Account} is disabled.")]
    [InlineData("KMSInvalidStateException", $"The state of the key of stream rivers under account {Account} is not valid for this request.")]
    [InlineData("KMSNotFoundException", $"The key of stream rivers under account {Account} was not found.")]
    [InlineData("KMSOptInRequired", $"Account {Account} needs a subscription to the key service for stream rivers.")]
    [InlineData("KMSThrottlingException", $"Rate of requests to the key of stream rivers under account {Account} exceeded.")]
    public async Task A_key_is_refused_to_those_that_need_it(string error, string text)
    {
        var start = new { StreamName = "rivers", EncryptionType = "KMS", KeyId = "alias/own" };
        var fault = await _controls.FaultAsync($$"""{"kind":"refuseKey","error":"{{error}}"}""");
        var (encrypt, decrypt) = (text.Replace("ACTION", "encrypt", StringComparison.Ordinal), text.Replace("ACTION", "decrypt", StringComparison.Ordinal));
        // A stream that is not encrypted needs no key, but to become so.
        (await _server.PutAsync("rivers", "plain")).Succeeded();
        (await _server.CallAsync("StartStreamEncryption", start)).AssertRefused(error, encrypt);
        (await _controls.DeleteAsync(fault)).Succeeded();
        (await _server.CallAsync("StartStreamEncryption", start)).Succeeded();
        var iterator = await _server.IteratorAsync("rivers");
        await _controls.FaultAsync($$"""{"kind":"refuseKey","error":"{{error}}","stream":"rivers","count":2}""");
        (await _server.PutAsync("rivers", "sealed")).AssertRefused(error, encrypt);
        (await _server.GetRecordsAsync(iterator)).AssertRefused(error, decrypt);
        (await _server.PutAsync("rivers", "sealed")).Succeeded();
        Assert.Equal(["plain", "sealed"], (await _server.ReadAsync(iterator)).Texts);
    }

    [Fact]
    public async Task Latency_is_measured_by_the_machines_clock()
    {
        await _controls.FaultAsync("""{"kind":"latency","duration":"200ms","stream":"rivers"}""");
        await _controls.FaultAsync("""{"kind":"latency","duration":"300ms","operations":["PutRecord"]}""");
        await _controls.ClockAsync("""{"freeze":true}""");
        var idle = _server.Time.ActiveTimers;
        var put = _server.PutAsync("rivers", "x");
        await UntilAsync("the put waits", () => _server.Time.ActiveTimers > idle);
        _server.Time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.False(put.IsCompleted);
        _server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await UntilAsync("the put waits for the second time", () => _server.Time.ActiveTimers > idle);
        _server.Time.Advance(TimeSpan.FromMilliseconds(299));
        Assert.False(put.IsCompleted);
        _server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await put).Succeeded();
    }

    [Fact]
    public async Task A_lost_answer_hides_an_effect_that_took_place_or_one_that_did_not()
    {
        await _controls.FaultAsync("""{"kind":"reset","when":"before","operations":["PutRecord"],"count":1}""");
        await _controls.FaultAsync("""{"kind":"reset","when":"after","operations":["PutRecord"],"count":1}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => _server.PutAsync("rivers", "not stored"));
        await Assert.ThrowsAsync<HttpRequestException>(() => _server.PutAsync("rivers", "stored"));
        // The client that sends it again has it twice.
        (await _server.PutAsync("rivers", "stored")).Succeeded();
        Assert.Equal(["stored", "stored"], await ReadAllAsync("rivers", 0));
    }

    [Fact]
    public async Task In_HTTP_2_only_the_requests_own_stream_is_lost()
    {
        await _controls.FaultAsync("""{"kind":"reset","operations":["ListStreams"],"count":1}""");
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http2 = new HttpClient(handler);
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(http2));
        using var answer = await SendAsync(http2);
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20, 1), (answer.StatusCode, answer.Version, connections));

        Task<HttpResponseMessage> SendAsync(HttpClient client)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, _server.Server.Endpoint)
            {
                Content = new StringContent("{}", System.Text.Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/x-amz-json-1.1")),
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            request.Headers.Add("X-Amz-Target", "Kinesis_20131202.ListStreams");
            return client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_fault_of_a_shard_hits_the_puts_that_go_there()
    {
        var fault = await _controls.FaultAsync("""{"kind":"internalFailure","operations":["PutRecord"],"stream":"orders","shard":"1"}""");
        (await _server.PutAsync("orders", "low", explicitHashKey: "0")).Succeeded();
        Assert.Equal(HttpStatusCode.InternalServerError, (await _server.PutAsync("orders", "high", explicitHashKey: MaxHashKey)).Status);
        // Not yet looked at: the request's own errors.
        (await _server.PutAsync("orders", "high", explicitHashKey: "999999999999999999999999999999999999999")).AssertInvalidArgument(
            $"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 999999999999999999999999999999999999999");
        Assert.Equal((1, 1), await _controls.CountsAsync(fault));
    }

    [Fact]
    public async Task Entries_of_PutRecords_fail_one_by_one()
    {
        var throttle = await _controls.FaultAsync("""{"kind":"throttle","operations":["PutRecords"],"shard":"1","skip":1,"count":1}""");
        await _controls.FaultAsync("""{"kind":"internalFailure","perEntry":true,"shard":"0","count":1}""");
        var reply = (await PutManyAsync("orders", MaxHashKey, "0", MaxHashKey, MaxHashKey, "1")).Succeeded();
        Assert.Equal(2, reply.GetProperty("FailedRecordCount").GetInt32());
        Assert.Equal(
            ["", "InternalFailure: Internal service failure.", $"ProvisionedThroughputExceededException: {RateExceeded("orders", 1)}", "", ""],
            reply.GetProperty("Records").EnumerateArray().Select(Failure));
        Assert.Equal((3, 1), await _controls.CountsAsync(throttle));
        Assert.Equal(["4"], await ReadAllAsync("orders", 0));
        Assert.Equal(["0", "3"], await ReadAllAsync("orders", 1));
    }

    [Fact]
    public async Task A_stream_is_named_or_given_by_its_ARN()
    {
        await _controls.FaultAsync($$"""{"kind":"unavailable","stream":"{{Arn("orders")}}"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _server.PutAsync("orders", "x")).Status);
        (await _server.PutAsync("rivers", "x")).Succeeded();
        (await _server.CallAsync("CreateStream", new { StreamName = "orders", ShardCount = 1 }, region: "eu-west-1")).Succeeded();
    }

    [Fact]
    public async Task A_consumer_is_named_or_given_by_its_ARN()
    {
        var arns = new List<string>();
        foreach (var name in new[] { "one", "two" })
        {
            var consumer = (await _server.CallAsync("RegisterStreamConsumer", new { StreamARN = Arn("rivers"), ConsumerName = name })).Succeeded();
            arns.Add(consumer.GetProperty("Consumer").GetProperty("ConsumerARN").GetString()!);
        }

        await _controls.FaultAsync("""{"kind":"unavailable","consumer":"one","operations":["DescribeStreamConsumer"]}""");
        await _controls.FaultAsync($$"""{"kind":"internalFailure","consumer":"{{arns[1]}}"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await DescribeAsync(arns[0])).Status);
        Assert.Equal(HttpStatusCode.InternalServerError, (await DescribeAsync(arns[1])).Status);
        (await _server.PutAsync("rivers", "x")).Succeeded();

        Task<KinesisReply> DescribeAsync(string arn) => _server.CallAsync("DescribeStreamConsumer", new { ConsumerARN = arn });
    }

    [Fact]
    public async Task The_first_fault_that_hits_decides_and_the_next_does_not_see_the_request()
    {
        var first = await _controls.FaultAsync("""{"kind":"unavailable","count":1}""");
        var second = await _controls.FaultAsync("""{"kind":"internalFailure"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _server.PutAsync("orders", "x")).Status);
        Assert.Equal(HttpStatusCode.InternalServerError, (await _server.PutAsync("orders", "x")).Status);
        Assert.Equal((2, 1), await _controls.CountsAsync(first));
        Assert.Equal((1, 1), await _controls.CountsAsync(second));
    }

    private Task<KinesisReply> PutManyAsync(string stream, params string[] hashKeys) => _server.CallAsync(
        "PutRecords",
        new
        {
            StreamName = stream,
            Records = hashKeys.Select((key, i) => new { Data = Bytes($"{i}"), PartitionKey = "k", ExplicitHashKey = key }),
        });

    private async Task<string[]> ReadAllAsync(string stream, int shard) => (await _server.ReadAsync(await _server.IteratorAsync(stream, shard))).Texts;

    private static string Failure(JsonElement entry) => entry.TryGetProperty("ErrorCode", out var code) && code.ValueKind == JsonValueKind.String
        ? $"{code.GetString()}: {entry.GetProperty("ErrorMessage").GetString()}"
        : "";
}
