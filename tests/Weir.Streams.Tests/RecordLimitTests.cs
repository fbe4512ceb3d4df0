using Weir.Model;

namespace Weir.Streams.Tests;

public sealed class RecordLimitTests
{
    private const int MaxKib = KinesisLimits.MaxMaxRecordSizeInKiB;

    [Fact]
    public async Task A_new_record_limit_holds_at_once_for_every_shard_and_after_a_restart()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { EnforceRates = true });
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var large = new string('x', 3 * 1024 * 1024);
        Assert.Equal(PutStatus.Throttled, (await fixture.PutAsync(stream, "a", large)).Status);
        Assert.Equal(SettingOutcome.Changed, await fixture.Engine.Settings.SetMaxRecordAsync(stream, MaxKib));
        Assert.Equal((StreamStatus.Active, MaxKib * 1024), (stream.Current.Row.Status, stream.Current.MaxRecordBytes));
        // The bucket has grown and is not filled up: a change of the limit is no way around the rate.
        Assert.Equal(PutStatus.Throttled, (await fixture.PutAsync(stream, "a", large)).Status);
        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "a", large)).Status);

        await fixture.RestartAsync(new StreamsOptions { EnforceRates = true });
        stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        Assert.Equal(MaxKib * 1024, stream.Current.MaxRecordBytes);
        Assert.Equal(SettingOutcome.Changed, await fixture.Engine.Settings.SetMaxRecordAsync(stream, KinesisLimits.MinMaxRecordSizeInKiB));
        fixture.Time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(PutStatus.Throttled, (await fixture.PutAsync(stream, "a", large)).Status);
        Assert.Equal(large, Assert.Single(fixture.Read(stream, new ShardId(0))).Data);
    }
}
