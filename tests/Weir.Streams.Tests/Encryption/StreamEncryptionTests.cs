using System.Text;
using Weir.Model;
using Weir.Streams.Encryption;
using Weir.Streams.Reading;

namespace Weir.Streams.Tests.Encryption;

/// <summary>A stream that is encrypted, re-keyed and opened again: what was written stays readable, and the log shows nothing of it.</summary>
public sealed class StreamEncryptionTests
{
    private const string Default = "alias/aws/kinesis";
    private const string Own = "alias/own";

    [Fact]
    public async Task Records_read_back_as_they_were_put_whatever_the_encryption_was_and_after_a_crash()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        await fixture.PutAsync(stream, "key-1", "plain 1");
        await StartAsync(fixture, stream, Default);
        await fixture.PutAsync(stream, "key-2", "first key");
        await StartAsync(fixture, stream, Own);
        await fixture.PutAsync(stream, "key-3", "second key");
        Assert.Equal(EncryptionOutcome.Changed, (await fixture.Engine.Encryption.StopAsync(stream, Own)).Outcome);
        await fixture.PutAsync(stream, "key-4", "plain 2");
        await StartAsync(fixture, stream, Default);
        await fixture.PutAsync(stream, "key-5", "first key again");

        var expected = "key-1=plain 1 (plain)\nkey-2=first key (KMS)\nkey-3=second key (KMS)\nkey-4=plain 2 (plain)\nkey-5=first key again (KMS)";
        Assert.Equal(expected, Everything(fixture, stream));
        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(stream.Name)!;
        Assert.Equal(Default, stream.Current.Row.KeyId);
        Assert.Equal(expected, Everything(fixture, stream));
        Assert.True((await PutAsync(fixture, stream, "after")).Encrypted);
    }

    [Fact]
    public async Task The_log_has_neither_the_key_nor_the_data_of_an_encrypted_record()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        await fixture.PutAsync(stream, "visible key", "visible data");
        await StartAsync(fixture, stream, Default);
        await fixture.PutAsync(stream, "hidden key", "hidden data");
        var stored = LogText(stream);
        Assert.Contains("visible keyvisible data", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_follow_a_reshard_are_readable_in_the_children()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        await StartAsync(fixture, stream, Default);
        await fixture.PutAsync(stream, "k", "parent");
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), HashKeyRange.Uniform(2)[1].Start));
        Assert.True((await PutAsync(fixture, stream, "child")).Encrypted);
        Assert.Equal("k=parent (KMS)\nk=child (KMS)", Everything(fixture, stream));
    }

    [Fact]
    public async Task One_key_under_two_names_of_it_is_one_key_and_nothing_is_counted_for_no_change()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        Assert.Equal(EncryptionOutcome.Unchanged, (await fixture.Engine.Encryption.StopAsync(stream, Default)).Outcome);
        await StartAsync(fixture, stream, Default);
        var arn = $"arn:aws:kms:us-east-1:000000000000:{Default}";
        Assert.Equal(EncryptionOutcome.Unchanged, (await fixture.Engine.Encryption.StartAsync(stream, arn)).Outcome);
        Assert.Equal(1, stream.Current.UsesOf(RollingQuota.Encryption, fixture.Time.GetUtcNow()));
        Assert.Equal(EncryptionOutcome.OtherKey, (await fixture.Engine.Encryption.StopAsync(stream, Own)).Outcome);
        Assert.Equal(Default, stream.Current.Row.KeyId);
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        Assert.Equal(EncryptionOutcome.Changed, (await fixture.Engine.Encryption.StopAsync(stream, arn)).Outcome);
        Assert.Null(stream.Current.Row.KeyId);
        Assert.Equal(2, stream.Current.UsesOf(RollingQuota.Encryption, fixture.Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_record_whose_key_cannot_be_used_ends_the_reading_before_it()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        await fixture.PutAsync(stream, "k", "plain");
        await StartAsync(fixture, stream, Own);
        await fixture.PutAsync(stream, "k", "own");
        var name = KeyName.Of(stream.Name, Own);
        fixture.Engine.Keys.SetState(name, KeyState.Disabled);

        using (var reader = Reader(fixture, stream))
        {
            Assert.True(reader.TryRead(out _));
            Assert.False(reader.TryRead(out _));
            Assert.Equal((KeyState.Disabled, 2L), (reader.KeyState, reader.NextIndex));
            // It stays so for this reader, whatever happens meanwhile.
            fixture.Engine.Keys.SetState(name, KeyState.Usable);
            Assert.False(reader.TryRead(out _));
        }

        Assert.Equal("k=plain (plain)\nk=own (KMS)", Everything(fixture, stream));
    }

    [Fact]
    public async Task A_put_is_refused_while_the_key_cannot_be_used_and_stores_nothing()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        await StartAsync(fixture, stream, Own);
        fixture.Engine.Keys.SetState(KeyName.Of(stream.Name, Own), KeyState.AccessDenied);
        var refused = await PutAsync(fixture, stream, "refused");
        Assert.Equal((PutStatus.KeyRefused, KeyState.AccessDenied), (refused.Status, refused.KeyState));
        Assert.Equal((EncryptionOutcome.KeyRefused, KeyState.AccessDenied), await RestartOfOtherAsync(fixture, Own));
        fixture.Engine.Keys.SetState(KeyName.Of(stream.Name, Own), KeyState.Usable);
        Assert.Equal(PutStatus.Accepted, (await PutAsync(fixture, stream, "taken")).Status);
        Assert.Equal("k=taken (KMS)", Everything(fixture, stream));
    }

    [Fact]
    public async Task A_throttle_is_told_before_the_key_and_the_quota_before_the_key_too()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions());
        var stream = await fixture.CreateAsync("orders", 1);
        await StartAsync(fixture, stream, Own);
        fixture.Engine.Keys.SetState(KeyName.Of(stream.Name, Own), KeyState.Disabled);
        var mebibyte = new string('x', KinesisLimits.ShardWriteBytesPerSecond - 1);
        Assert.Equal(PutStatus.KeyRefused, (await PutAsync(fixture, stream, mebibyte)).Status);
        Assert.Equal((PutStatus.Throttled, true, KeyState.Usable), await PutAsync(fixture, stream, "one more"));

        for (var i = 1; i < KinesisLimits.MaxEncryptionChangesPerPeriod; i++)
            await StartAsync(fixture, stream, $"alias/{i}");
        Assert.Equal(new EncryptionResult(EncryptionOutcome.TooOften), await fixture.Engine.Encryption.StartAsync(stream, Own));
    }

    [Fact]
    public async Task Without_the_catalog_s_key_the_records_are_no_records()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", 1);
        await StartAsync(fixture, stream, Own);
        await fixture.PutAsync(stream, "k", "own");
        var stranger = new DataKeys(table: null!);
        using var reader = new ShardReader(stream.Current.Log!, stranger, stream.Current.Shards.Open[0], 0, default);
        Assert.Contains("data key 1,", Assert.Throws<InvalidDataException>(() => reader.TryRead(out _)).Message, StringComparison.Ordinal);
    }

    private static async Task StartAsync(EngineFixture fixture, DataStream stream, string keyId) =>
        Assert.Equal(EncryptionOutcome.Changed, (await fixture.Engine.Encryption.StartAsync(stream, keyId)).Outcome);

    private static async Task<(EncryptionOutcome Outcome, KeyState State)> RestartOfOtherAsync(EngineFixture fixture, string keyId)
    {
        var result = await fixture.Engine.Encryption.StartAsync(await fixture.CreateAsync("other", 1), keyId);
        return (result.Outcome, result.KeyState);
    }

    private static async Task<(PutStatus Status, bool Encrypted, KeyState KeyState)> PutAsync(EngineFixture fixture, DataStream stream, string data)
    {
        using var outcomes = PutOutcomes.Rent(1);
        await fixture.Engine.Records.AppendAsync(stream, new TextSource(("k", data)), outcomes);
        return (outcomes.All[0].Status, outcomes.Encrypted, outcomes.KeyState);
    }

    private static ShardReader Reader(EngineFixture fixture, DataStream stream, int shard = 0) =>
        new(stream.Current.Log!, fixture.Engine.Keys, stream.Current.Shards.Find(new ShardId(shard))!, 0, DateTimeOffset.MinValue);

    // All records, parents before children.
    private static string Everything(EngineFixture fixture, DataStream stream)
    {
        var lines = new List<string>();
        foreach (var shard in stream.Current.Shards.All.OrderBy(shard => shard.Id.Number))
        {
            using var reader = Reader(fixture, stream, shard.Id.Number);
            while (reader.TryRead(out var record))
                lines.Add($"{Encoding.UTF8.GetString(record.PartitionKey)}={Encoding.UTF8.GetString(record.Data)} ({(record.Encrypted ? "KMS" : "plain")})");
        }

        return string.Join('\n', lines);
    }

    private static string LogText(DataStream stream)
    {
        var text = new StringBuilder();
        using var frames = stream.Current.Log!.OpenReader(0, 0);
        while (frames.TryRead(out var frame))
        {
            foreach (var record in frame)
                text.Append(Encoding.Latin1.GetString(record.Span));
        }

        return text.ToString();
    }
}
