using Weir.Model;
using Weir.Streams.Accounts;

namespace Weir.Streams.Tests.Accounts;

/// <summary>Commitments: a day at least, an end that can be scheduled and called off, and an account and region each for itself.</summary>
public sealed class AccountSettingsTests
{
    private const string Account = "000000000000";
    private const string Region = "us-east-1";
    private static readonly DateTimeOffset Earliest = EngineFixture.Begin + KinesisLimits.ShortestCommitment;

    [Fact]
    public async Task A_commitment_that_ends_early_ends_at_the_earliest_moment_without_anybodys_help()
    {
        await using var fixture = await EngineFixture.StartAsync();
        Assert.Equal(Commitment.None, Now(fixture));
        Assert.Equal(new Commitment(CommitmentStatus.Enabled, EngineFixture.Begin, null, Earliest), await SetAsync(fixture, true));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        var scheduled = new Commitment(CommitmentStatus.EnabledUntilEarliestEnd, EngineFixture.Begin, null, Earliest);
        Assert.Equal(scheduled, await SetAsync(fixture, false));
        fixture.Time.Advance(TimeSpan.FromHours(23) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(scheduled, Now(fixture));
        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new Commitment(CommitmentStatus.Disabled, EngineFixture.Begin, Earliest, null), Now(fixture));
    }

    [Fact]
    public async Task A_scheduled_end_is_called_off_by_enabling_again_and_later_it_ends_at_once()
    {
        await using var fixture = await EngineFixture.StartAsync();
        await SetAsync(fixture, true);
        await SetAsync(fixture, false);
        Assert.Equal(new Commitment(CommitmentStatus.Enabled, EngineFixture.Begin, null, Earliest), await SetAsync(fixture, true));
        fixture.Time.Advance(TimeSpan.FromHours(30));
        Assert.Equal(CommitmentStatus.Enabled, Now(fixture).Status);
        var ended = new Commitment(CommitmentStatus.Disabled, EngineFixture.Begin, fixture.Time.GetUtcNow(), null);
        Assert.Equal(ended, await SetAsync(fixture, false));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(ended, await SetAsync(fixture, false));
        var again = fixture.Time.GetUtcNow();
        Assert.Equal(new Commitment(CommitmentStatus.Enabled, again, null, again + KinesisLimits.ShortestCommitment), await SetAsync(fixture, true));
    }

    [Fact]
    public async Task It_survives_a_restart_and_is_of_one_account_in_one_region()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var set = await SetAsync(fixture, true);
        await fixture.RestartAsync();
        Assert.Equal(set, Now(fixture));
        Assert.Equal(Commitment.None, fixture.Engine.Accounts.CommitmentOf(Account, "eu-west-1"));
        Assert.Equal(Commitment.None, fixture.Engine.Accounts.CommitmentOf("111111111111", Region));
    }

    [Fact]
    public async Task It_cannot_end_while_a_stream_has_warm_throughput()
    {
        await using var fixture = await EngineFixture.StartAsync();
        await SetAsync(fixture, true);
        var stream = await fixture.CreateAsync("orders", shards: 4);
        await fixture.Engine.Capacity.SetModeAsync(stream, StreamMode.OnDemand, warmMibps: 4);
        Assert.Null(await SetAsync(fixture, false));
        Assert.Equal(CommitmentStatus.Enabled, Now(fixture).Status);
        await fixture.Engine.Capacity.SetWarmThroughputAsync(stream, 0);
        Assert.Equal(CommitmentStatus.EnabledUntilEarliestEnd, (await SetAsync(fixture, false))!.Status);
    }

    private static Task<Commitment?> SetAsync(EngineFixture fixture, bool enabled) => fixture.Engine.Accounts.SetCommitmentAsync(Account, Region, enabled);

    private static Commitment Now(EngineFixture fixture) => fixture.Engine.Accounts.CommitmentOf(Account, Region);
}
