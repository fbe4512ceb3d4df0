using Weir.Streams.Consumers;

namespace Weir.Streams.Tests;

/// <summary>What was accepted of consumers survives a crash, at whatever point of their life it comes.</summary>
public sealed class ConsumerRegistryTests
{
    private static readonly StreamsOptions Slow = new() { EnforceRates = false, TransitionDelay = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task Consumers_their_tags_and_policies_are_there_after_a_restart()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var tags = StreamTags.None.With([KeyValuePair.Create("team", "water")]);
        var (outcome, registered) = await fixture.Engine.Consumers.RegisterAsync(stream, "reader", tags);
        Assert.Equal((RegisterOutcome.Registered, ConsumerStatus.Creating), (outcome, registered!.Status));
        Assert.True(await fixture.Engine.Consumers.SetPolicyAsync(stream, registered, "{}"));
        Assert.Equal(SettingOutcome.Changed, await fixture.Engine.Settings.SetPolicyAsync(stream, """{"Version":"2012-10-17"}"""));

        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(stream.Name)!;
        var consumer = stream.Current.Consumers.Find(registered.Arn)!;
        Assert.Equal((ConsumerStatus.Active, "{}", registered.Id), (consumer.Status, consumer.Policy, consumer.Id));
        Assert.Equal(tags.All, consumer.Tags.All);
        Assert.Equal("""{"Version":"2012-10-17"}""", stream.Current.Policy);
    }

    [Fact]
    public async Task A_crash_while_a_consumer_comes_or_goes_is_finished_at_the_next_start()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var (_, going) = await fixture.Engine.Consumers.RegisterAsync(stream, "going", StreamTags.None);
        await fixture.RestartAsync(Slow);
        stream = fixture.Engine.Streams.Find(stream.Name)!;
        await fixture.Engine.Consumers.DeregisterAsync(stream, going!);
        var (_, coming) = await fixture.Engine.Consumers.RegisterAsync(stream, "coming", StreamTags.None);
        Assert.Equal(ConsumerStatus.Deleting, stream.Current.Consumers.Find(going!.Arn)!.Status);
        Assert.Equal(ConsumerStatus.Creating, stream.Current.Consumers.Find(coming!.Arn)!.Status);

        await fixture.RestartAsync(Slow);
        stream = fixture.Engine.Streams.Find(stream.Name)!;
        Assert.Equal([(coming.Arn, ConsumerStatus.Active)], stream.Current.Consumers.All.Select(consumer => (consumer.Arn, consumer.Status)));
    }

    [Fact]
    public async Task A_change_of_a_setting_that_a_crash_interrupts_has_happened()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        await fixture.RestartAsync(Slow);
        stream = fixture.Engine.Streams.Find(stream.Name)!;
        Assert.Equal(SettingOutcome.Changed, await fixture.Engine.Settings.SetRetentionAsync(stream, 48));
        Assert.Equal((StreamStatus.Updating, 48), (stream.Current.Row.Status, stream.Current.Row.RetentionHours));
        Assert.Equal(SettingOutcome.NotActive, await fixture.Engine.Settings.SetRetentionAsync(stream, 72));

        await fixture.RestartAsync(Slow);
        stream = fixture.Engine.Streams.Find(stream.Name)!;
        Assert.Equal((StreamStatus.Active, 48), (stream.Current.Row.Status, stream.Current.Row.RetentionHours));
    }
}
