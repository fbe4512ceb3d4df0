using Weir.Model;
using Weir.Streams.Encryption;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>Events of encrypted streams, and the six errors of a key inside the event stream (spec sections 5.3, 7.7 and 8.3).</summary>
public sealed class EncryptedSubscriptionTests
{
    private const string KeyId = "alias/own";

    [Fact]
    public async Task Records_of_an_encrypted_stream_come_readable_and_say_that_they_were_encrypted()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        using var events = await server.SubscribeAsync(await server.RegisterAsync("orders"));
        await server.PutTextAsync("orders", "plain");
        var plain = await events.EventAsync();
        Assert.Equal(["plain"], plain.Texts);
        Assert.False(plain.Records[0].TryGetProperty("EncryptionType", out _));

        await EncryptAsync(server);
        await server.PutTextAsync("orders", "sealed");
        var encrypted = await events.EventAsync();
        Assert.Equal(["sealed"], encrypted.Texts);
        Assert.Equal("k", encrypted.Records[0].GetProperty("PartitionKey").GetString());
        Assert.Equal("KMS", encrypted.Records[0].GetProperty("EncryptionType").GetString());
    }

    [Theory]
    [InlineData(KeyState.AccessDenied, "KMSAccessDeniedException", $"User arn:aws:iam::{Account}:root is not authorized to decrypt records in stream orders")]
    [InlineData(KeyState.Disabled, "KMSDisabledException", $"The key of stream orders under account {Account} is disabled.")]
    [InlineData(KeyState.InvalidState, "KMSInvalidStateException", $"The state of the key of stream orders under account {Account} is not valid for this request.")]
    [InlineData(KeyState.NotFound, "KMSNotFoundException", $"The key of stream orders under account {Account} was not found.")]
    [InlineData(KeyState.OptInRequired, "KMSOptInRequired", $"Account {Account} needs a subscription to the key service for stream orders.")]
    [InlineData(KeyState.Throttled, "KMSThrottlingException", $"Rate of requests to the key of stream orders under account {Account} exceeded.")]
    public async Task A_key_that_cannot_be_used_ends_the_subscription_before_the_first_record_that_needs_it(KeyState state, string type, string text)
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        await server.PutTextAsync("orders", "plain");
        await EncryptAsync(server);
        await server.PutTextAsync("orders", "sealed");
        var consumer = await server.RegisterAsync("orders");
        SetState(server, state);
        string continuation;
        using (var events = await server.SubscribeAsync(consumer))
        {
            var first = await events.EventAsync();
            Assert.Equal(["plain"], first.Texts);
            continuation = first.Continuation!;
            Assert.Equal((type, text), await events.ExceptionAsync());
        }

        // The record is not lost: whoever comes back when the key can be used again gets it.
        SetState(server, KeyState.Usable);
        server.Time.Advance(KinesisLimits.ResubscribeInterval);
        using var again = await server.SubscribeAsync(consumer, type: "AFTER_SEQUENCE_NUMBER", number: continuation);
        Assert.Equal(["sealed"], (await again.EventAsync()).Texts);
    }

    private static async Task EncryptAsync(TestServer server) =>
        (await server.CallAsync("StartStreamEncryption", new { StreamName = "orders", EncryptionType = "KMS", KeyId })).Succeeded();

    private static void SetState(TestServer server, KeyState state) =>
        server.Server.Engine.Keys.SetState(KeyName.Of(new StreamName(Account, Region, "orders"), KeyId), state);
}
