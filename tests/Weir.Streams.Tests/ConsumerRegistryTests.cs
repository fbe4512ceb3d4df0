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

    // An ARN has the second of its creation. Whoever looked a consumer up before it was replaced within the second holds the earlier one.
    [Fact]
    public async Task A_consumer_that_is_registered_again_within_its_second_is_another_one()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var consumers = fixture.Engine.Consumers;
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var arns = new HashSet<Model.ConsumerArn>();
        StreamConsumer earlier = null!;
        for (var i = 0; i < 3; i++)
        {
            var (outcome, registered) = await consumers.RegisterAsync(stream, "reader", StreamTags.None);
            Assert.Equal(RegisterOutcome.Registered, outcome);
            Assert.True(arns.Add(registered!.Arn));
            earlier = registered;
            await consumers.DeregisterAsync(stream, registered);
        }

        var (_, later) = await consumers.RegisterAsync(stream, "reader", StreamTags.None);
        Assert.DoesNotContain(later!.Arn, arns);
        Assert.Null(stream.Current.Consumers.Find(earlier.Arn));
        Assert.Equal(TagOutcome.NotActive, await consumers.ChangeTagsAsync(stream, earlier, new Dictionary<string, string> { ["team"] = "water" }, []));
        Assert.False(await consumers.SetPolicyAsync(stream, earlier, "{}"));
        await consumers.DeregisterAsync(stream, earlier);
        Assert.Equal(ConsumerStatus.Active, stream.Current.Consumers.Find(later.Arn)!.Status);

        // Later the clock decides again.
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await consumers.DeregisterAsync(stream, later);
        Assert.Equal(EngineFixture.Begin.AddMinutes(1), (await consumers.RegisterAsync(stream, "reader", StreamTags.None)).Consumer!.CreatedAt);
    }

    [Fact]
    public async Task A_consumer_that_went_with_its_stream_takes_no_change()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var (_, consumer) = await fixture.Engine.Consumers.RegisterAsync(stream, "reader", StreamTags.None);
        Assert.True(await fixture.Engine.Lifecycle.DeleteAsync(stream, evenWithConsumers: true));

        Assert.Equal(TagOutcome.NotActive, await fixture.Engine.Consumers.ChangeTagsAsync(stream, consumer!, new Dictionary<string, string> { ["team"] = "water" }, []));
        Assert.False(await fixture.Engine.Consumers.SetPolicyAsync(stream, consumer!, "{}"));
        await fixture.Engine.Consumers.DeregisterAsync(stream, consumer!);
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
