using System.Text.Json;
using Weir.Model;
using Weir.Protocol.Messages;
using static Weir.Server.Tests.TestServer;

namespace Weir.Server.Tests.Operations;

/// <summary>StartStreamEncryption and StopStreamEncryption, and what puts and reads say of it: KMS where a record is encrypted, and else nothing.</summary>
public sealed class EncryptionTests
{
    private const string Default = "alias/aws/kinesis";
    private const string Own = "alias/own";

    [Fact]
    public async Task Puts_and_records_say_KMS_exactly_when_they_are_encrypted()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        Assert.Equal("", Encryption((await server.PutAsync("orders", "1")).Succeeded()));
        Assert.Equal("", Encryption((await PutTwoAsync(server)).Succeeded()));
        (await ChangeAsync(server, "Start", Default)).Succeeded();
        Assert.Equal("KMS", Encryption((await server.PutAsync("orders", "4")).Succeeded()));
        Assert.Equal("KMS", Encryption((await PutTwoAsync(server)).Succeeded()));
        (await ChangeAsync(server, "Start", Own)).Succeeded();
        Assert.Equal("KMS", Encryption((await server.PutAsync("orders", "7")).Succeeded()));
        (await ChangeAsync(server, "Stop", Own)).Succeeded();
        Assert.Equal("", Encryption((await server.PutAsync("orders", "8")).Succeeded()));

        var page = await server.ReadAsync(await server.IteratorAsync("orders"));
        Assert.Equal(["1", "a", "b", "4", "a", "b", "7", "8"], page.Texts);
        Assert.Equal(["", "", "", "KMS", "KMS", "KMS", "KMS", ""], page.Records.Select(Encryption));
        Assert.All(page.Records, record => Assert.Equal("k", record.GetProperty("PartitionKey").GetString()));
    }

    [Fact]
    public async Task CBOR_says_the_same()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        var put = new PutRecordRequest { StreamName = "orders", PartitionKey = "k", Data = Bytes("1") };
        var puts = new PutRecordsRequest { StreamName = "orders", Records = [new PutRecordsRequestEntry { PartitionKey = "k", Data = Bytes("2") }] };
        Assert.Null((await server.CallCborAsync(put)).GetString("EncryptionType"));
        Assert.Null((await server.CallCborAsync(puts)).GetString("EncryptionType"));
        (await ChangeAsync(server, "Start", Default)).Succeeded();
        Assert.Equal("KMS", (await server.CallCborAsync(put)).GetString("EncryptionType"));
        Assert.Equal("KMS", (await server.CallCborAsync(puts)).GetString("EncryptionType"));
        var records = GetRecordsResponse.Read(await server.CallCborAsync(new GetRecordsRequest { ShardIterator = await server.IteratorAsync("orders") })).Records!;
        Assert.Equal([null, null, "KMS", "KMS"], records.Select(record => record.EncryptionType));
        Assert.Equal(["1", "2", "1", "2"], records.Select(record => System.Text.Encoding.UTF8.GetString(record.Data!.Value.Span)));
    }

    [Fact]
    public async Task Descriptions_show_the_key_as_it_was_named_and_NONE_without_one()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        Assert.Equal("NONE ", await ShownAsync(server));
        (await ChangeAsync(server, "Start", $"arn:aws:kms:us-east-1:{Account}:{Own}")).Succeeded();
        Assert.Equal($"KMS arn:aws:kms:us-east-1:{Account}:{Own}", await ShownAsync(server));
        (await ChangeAsync(server, "Start", Default)).Succeeded();
        Assert.Equal($"KMS {Default}", await ShownAsync(server));
        (await ChangeAsync(server, "Stop", Default)).Succeeded();
        Assert.Equal("NONE ", await ShownAsync(server));
    }

    [Fact]
    public async Task The_stream_is_UPDATING_for_as_long_as_transitions_take_and_records_are_encrypted_by_then()
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        await server.CreateStreamAsync("orders");
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await ChangeAsync(server, "Start", Default)).Succeeded();
        Assert.Equal("UPDATING", await server.StatusAsync("orders"));
        (await ChangeAsync(server, "Stop", Default)).AssertInUse(NotActive("orders", "UPDATING"));
        Assert.Equal("KMS", Encryption((await server.PutAsync("orders", "1")).Succeeded()));
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await server.UntilStatusAsync("orders", "ACTIVE");
        (await ChangeAsync(server, "Stop", Default)).Succeeded();
    }

    [Fact]
    public async Task Encrypted_records_and_the_encryption_itself_survive_a_restart_and_lie_encrypted_on_the_disk()
    {
        using var directory = new TemporaryDirectory();
        var time = new TestKit.ManualTimeProvider(Begin);
        await using (var server = await StartAsync(time: time, dataDirectory: directory.Path))
        {
            await server.CreateStreamAsync("orders");
            await server.PutTextAsync("orders", "text in the clear");
            (await ChangeAsync(server, "Start", Default)).Succeeded();
            await server.PutTextAsync("orders", "text that nobody sees");
        }

        Assert.True(OnDisk(directory.Path, "text in the clear"), "A search that finds nothing proves nothing.");
        Assert.False(OnDisk(directory.Path, "text that nobody sees"));
        await using var restarted = await StartAsync(time: time, dataDirectory: directory.Path);
        Assert.Equal("KMS", Encryption((await restarted.PutAsync("orders", "after the restart")).Succeeded()));
        var page = await restarted.ReadAsync(await restarted.IteratorAsync("orders"));
        Assert.Equal(["text in the clear", "text that nobody sees", "after the restart"], page.Texts);
        Assert.Equal(["", "KMS", "KMS"], page.Records.Select(Encryption));
    }

    [Fact]
    public async Task Twenty_five_changes_are_allowed_in_24_hours_and_what_changes_nothing_is_not_counted()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        for (var i = 0; i < KinesisLimits.MaxEncryptionChangesPerPeriod; i++)
        {
            (await ChangeAsync(server, "Start", $"alias/{i}")).Succeeded();
            (await ChangeAsync(server, "Start", $"alias/{i}")).Succeeded();
            server.Time.Advance(TimeSpan.FromMinutes(1));
        }

        var tooOften = $"Encryption has been started or stopped 25 times in a rolling 24 hour period for stream orders under account {Account}.";
        (await ChangeAsync(server, "Start", Own)).AssertLimitExceeded(tooOften);
        (await ChangeAsync(server, "Stop", "alias/24")).AssertLimitExceeded(tooOften);
        (await ChangeAsync(server, "Start", "alias/24")).Succeeded();
        Assert.Equal("ACTIVE", await server.StatusAsync("orders"));
        // The first change was 25 minutes ago.
        server.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(25) - TimeSpan.FromMilliseconds(1));
        (await ChangeAsync(server, "Stop", "alias/24")).AssertLimitExceeded(tooOften);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await ChangeAsync(server, "Stop", "alias/24")).Succeeded();
    }

    [Fact]
    public async Task Stopping_a_stream_that_is_not_encrypted_changes_nothing_and_with_another_key_it_is_refused()
    {
        await using var server = await StartAsync();
        await server.CreateStreamAsync("orders");
        (await ChangeAsync(server, "Stop", Default)).Succeeded();
        (await ChangeAsync(server, "Start", Default)).Succeeded();
        (await ChangeAsync(server, "Stop", Own)).AssertInvalidArgument($"Stream orders under account {Account} is not encrypted with the key {Own}.");
        Assert.Equal($"KMS {Default}", await ShownAsync(server));
    }

    [Theory]
    [InlineData("Start")]
    [InlineData("Stop")]
    public async Task Refusals_come_in_their_order(string direction)
    {
        await using var server = await StartAsync(transitionDelay: TimeSpan.FromSeconds(5));
        var operation = $"{direction}StreamEncryption";
        (await server.CallAsync(operation, new { StreamName = "absent" })).AssertInvalid(
            "Value null at 'encryptionType' failed to satisfy constraint: Member must not be null",
            "Value null at 'keyId' failed to satisfy constraint: Member must not be null");
        (await server.CallAsync(operation, new { StreamName = "absent", EncryptionType = "KMS", KeyId = "" })).AssertInvalid(
            "Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1");
        (await server.CallAsync(operation, new { EncryptionType = "NONE", KeyId = Default })).AssertInvalidArgument("Either StreamARN or StreamName must be provided.");
        (await server.CallAsync(operation, new { StreamName = "absent", EncryptionType = "NONE", KeyId = Default })).AssertNotFound(NotFound("absent"));
        await server.CreateStreamAsync("orders");
        (await server.CallAsync(operation, new { StreamARN = Arn("orders"), EncryptionType = "NONE", KeyId = Default })).AssertInvalidArgument("EncryptionType must be KMS.");
        (await server.CallAsync(operation, new { StreamARN = Arn("orders"), EncryptionType = "KMS", KeyId = Default })).AssertInUse(NotActive("orders", "CREATING"));
    }

    private static Task<KinesisReply> ChangeAsync(TestServer server, string direction, string keyId) =>
        server.CallAsync($"{direction}StreamEncryption", new { StreamName = "orders", EncryptionType = "KMS", KeyId = keyId });

    private static Task<KinesisReply> PutTwoAsync(TestServer server) => server.CallAsync("PutRecords", new
    {
        StreamName = "orders",
        Records = new[] { new { PartitionKey = "k", Data = Bytes("a") }, new { PartitionKey = "k", Data = Bytes("b") } },
    });

    // What both descriptions say; they say the same.
    private static async Task<string> ShownAsync(TestServer server)
    {
        var described = Shown(await server.DescribeAsync("orders"));
        var summary = (await server.CallAsync("DescribeStreamSummary", new { StreamName = "orders" })).Succeeded().GetProperty("StreamDescriptionSummary");
        Assert.Equal(described, Shown(summary));
        return described;
    }

    private static string Shown(JsonElement description) => $"{Encryption(description)} {Text(description, "KeyId")}";

    private static string Encryption(JsonElement json) => Text(json, "EncryptionType");

    private static string Text(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.GetString()! : "";

    private static bool OnDisk(string directory, string text) => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
        .Any(file => Path.GetFileName(file) != "weir.lock" && File.ReadAllBytes(file).AsSpan().IndexOf(Bytes(text)) >= 0);
}
