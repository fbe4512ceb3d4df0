using System.Text.Json;
using Weir.Server.Tests.Http;
using Weir.Streams.Encryption;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>A key that cannot be used: the six errors, of Start, of puts and of reads. On AWS they come from the key service.</summary>
public sealed class KeyRefusalTests
{
    private const string KeyId = "alias/own";

    public static TheoryData<KeyState, string, string> Errors => new()
    {
        { KeyState.AccessDenied, "KMSAccessDeniedException", $"User arn:aws:iam::{Account}:root is not authorized to ACTION records in stream orders" },
        { KeyState.Disabled, "KMSDisabledException", $"The key of stream orders under account {Account} is disabled." },
        { KeyState.InvalidState, "KMSInvalidStateException", $"The state of the key of stream orders under account {Account} is not valid for this request." },
        { KeyState.NotFound, "KMSNotFoundException", $"The key of stream orders under account {Account} was not found." },
        { KeyState.OptInRequired, "KMSOptInRequired", $"Account {Account} needs a subscription to the key service for stream orders." },
        { KeyState.Throttled, "KMSThrottlingException", $"Rate of requests to the key of stream orders under account {Account} exceeded." },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_key_that_cannot_be_used_refuses_puts_and_reads_until_it_can_again(KeyState state, string type, string text)
    {
        await using var endpoint = await EncryptedAsync();
        var first = await PutAsync(endpoint, "1");
        Assert.Contains("SequenceNumber", first, StringComparison.Ordinal);
        SetState(endpoint, state);
        var writing = Error(type, text.Replace("ACTION", "encrypt", StringComparison.Ordinal));
        var reading = Error(type, text.Replace("ACTION", "decrypt", StringComparison.Ordinal));

        Assert.Equal(writing, await PutAsync(endpoint, "2"));
        Assert.Equal(writing, await PutsAsync(endpoint));
        Assert.Equal(writing, await PutAsync(endpoint, "2", dryRun: true));
        Assert.Equal(writing, await PutsAsync(endpoint, dryRun: true));
        var iterator = await IteratorAsync(endpoint);
        Assert.Equal(reading, await ReadAsync(endpoint, iterator));
        Assert.Equal(reading, await ReadAsync(endpoint, iterator, dryRun: true));

        SetState(endpoint, KeyState.Usable);
        await PutAsync(endpoint, "3");
        Assert.Equal("13", Texts(await ReadAsync(endpoint, iterator)));
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Encryption_does_not_start_with_a_key_that_cannot_be_used_and_stops_without_it(KeyState state, string type, string text)
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await endpoint.AnswerAsync("CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        SetState(endpoint, state);
        Assert.Equal(Error(type, text.Replace("ACTION", "encrypt", StringComparison.Ordinal)), await ChangeAsync(endpoint, "Start", KeyId));
        Assert.Null(endpoint.Engine.Streams.Find(new Model.StreamName(Account, Region, "orders"))!.Current.Row.KeyId);
        SetState(endpoint, KeyState.Usable);
        Assert.Equal("", await ChangeAsync(endpoint, "Start", KeyId));
        SetState(endpoint, state);
        Assert.Equal("", await ChangeAsync(endpoint, "Stop", KeyId));
        Assert.Contains("SequenceNumber", await PutAsync(endpoint, "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_ends_before_the_first_record_that_cannot_be_decrypted_and_the_next_call_is_told_why()
    {
        await using var endpoint = await TestEndpoint.StartAsync();
        await endpoint.AnswerAsync("CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        await PutAsync(endpoint, "1");
        await ChangeAsync(endpoint, "Start", KeyId);
        await PutAsync(endpoint, "2");
        // A stream is read by the keys of its records, not by its present one.
        await ChangeAsync(endpoint, "Start", "alias/other");
        await PutAsync(endpoint, "3");
        SetState(endpoint, KeyState.Disabled);

        var page = JsonSerializer.Deserialize<JsonElement>(await ReadAsync(endpoint, await IteratorAsync(endpoint)));
        Assert.Equal("1", Texts(page.ToString()));
        var next = page.GetProperty("NextShardIterator").GetString()!;
        Assert.Contains("KMSDisabledException", await ReadAsync(endpoint, next), StringComparison.Ordinal);
        Assert.Contains("SequenceNumber", await PutAsync(endpoint, "4"), StringComparison.Ordinal);
        SetState(endpoint, KeyState.Usable);
        Assert.Equal("234", Texts(await ReadAsync(endpoint, next)));
    }

    [Fact]
    public async Task A_DryRun_of_a_read_that_would_succeed_says_so()
    {
        await using var endpoint = await EncryptedAsync();
        await PutAsync(endpoint, "1");
        Assert.Contains("DryRunOperationException", await ReadAsync(endpoint, await IteratorAsync(endpoint), dryRun: true), StringComparison.Ordinal);
    }

    private static async Task<TestEndpoint> EncryptedAsync()
    {
        var endpoint = await TestEndpoint.StartAsync();
        await endpoint.AnswerAsync("CreateStream", """{"StreamName":"orders","ShardCount":1}""");
        await ChangeAsync(endpoint, "Start", KeyId);
        return endpoint;
    }

    private static void SetState(TestEndpoint endpoint, KeyState state) => endpoint.Engine.Keys.SetState(new KeyName(Account, Region, KeyId), state);

    private static Task<string> ChangeAsync(TestEndpoint endpoint, string direction, string keyId) =>
        endpoint.AnswerAsync($"{direction}StreamEncryption", $$"""{"StreamName":"orders","EncryptionType":"KMS","KeyId":"{{keyId}}"}""");

    private static Task<string> PutAsync(TestEndpoint endpoint, string data, bool dryRun = false) => endpoint.AnswerAsync(
        "PutRecord", JsonSerializer.Serialize(new { StreamName = "orders", PartitionKey = "k", Data = Bytes(data), DryRun = dryRun }));

    private static Task<string> PutsAsync(TestEndpoint endpoint, bool dryRun = false) => endpoint.AnswerAsync(
        "PutRecords", JsonSerializer.Serialize(new { StreamName = "orders", Records = new[] { new { PartitionKey = "k", Data = Bytes("x") } }, DryRun = dryRun }));

    private static Task<string> ReadAsync(TestEndpoint endpoint, string iterator, bool dryRun = false) =>
        endpoint.AnswerAsync("GetRecords", JsonSerializer.Serialize(new { ShardIterator = iterator, DryRun = dryRun }));

    private static async Task<string> IteratorAsync(TestEndpoint endpoint) => JsonSerializer.Deserialize<JsonElement>(
        await endpoint.AnswerAsync("GetShardIterator", """{"StreamName":"orders","ShardId":"0","ShardIteratorType":"TRIM_HORIZON"}"""))
        .GetProperty("ShardIterator").GetString()!;

    private static string Texts(string page) => string.Concat(new RecordsPage(JsonSerializer.Deserialize<JsonElement>(page)).Texts);

    private static string Error(string type, string message) => $$"""{"__type":"{{type}}","message":"{{message}}"}""";
}
