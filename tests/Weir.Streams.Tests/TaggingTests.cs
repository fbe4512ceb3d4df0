using Weir.Model;

namespace Weir.Streams.Tests;

public sealed class TaggingTests
{
    [Fact]
    public async Task Tags_are_added_replaced_and_removed_and_are_there_after_a_restart()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var name = EngineFixture.Name("orders");
        var tags = StreamTags.None.With(Of(("team", "water"), ("b", "old")));
        Assert.Equal(CreateOutcome.Created, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(name, 1) { Tags = tags }, TestContext.Current.CancellationToken));
        var stream = fixture.Engine.Streams.Find(name)!;
        Assert.Equal(TagOutcome.Changed, await fixture.Engine.Tagging.AddAsync(stream, Of(("b", "new"), ("empty", ""))));
        Assert.Equal(TagOutcome.Changed, await fixture.Engine.Tagging.RemoveAsync(stream, ["team", "unknown"]));
        Assert.Equal(Of(("b", "new"), ("empty", "")), stream.Current.Tags.All);

        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(name)!;
        Assert.Equal(Of(("b", "new"), ("empty", "")), stream.Current.Tags.All);
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000)));
        Assert.Equal(2, stream.Current.Tags.Count);
    }

    [Fact]
    public async Task A_stream_has_fifty_tags_at_most_and_a_refused_change_leaves_them()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var fifty = Enumerable.Range(0, KinesisLimits.MaxTags).Select(i => ($"key{i}", "")).ToArray();
        Assert.Equal(TagOutcome.Changed, await fixture.Engine.Tagging.AddAsync(stream, Of(fifty)));
        Assert.Equal(TagOutcome.TooMany, await fixture.Engine.Tagging.AddAsync(stream, Of(("key0", "changed"), ("one more", ""))));
        Assert.Equal(TagOutcome.Changed, await fixture.Engine.Tagging.AddAsync(stream, Of(("key0", "changed"))));
        Assert.Equal(KinesisLimits.MaxTags, stream.Current.Tags.Count);
    }

    [Fact]
    public async Task Tags_change_only_while_the_stream_is_ACTIVE()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { TransitionDelay = TimeSpan.FromSeconds(5) });
        Assert.Equal(CreateOutcome.Created, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("orders"), 1), TestContext.Current.CancellationToken));
        var stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        Assert.Equal(StreamStatus.Creating, stream.Current.Row.Status);
        Assert.Equal(TagOutcome.NotActive, await fixture.Engine.Tagging.AddAsync(stream, Of(("a", "b"))));
        Assert.Equal(TagOutcome.NotActive, await fixture.Engine.Tagging.RemoveAsync(stream, ["a"]));
        Assert.Equal(0, stream.Current.Tags.Count);
    }

    [Fact]
    public async Task Changes_at_once_all_take_place()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => fixture.Engine.Tagging.AddAsync(stream, Of(($"key{i}", "v"))))));
        Assert.All(outcomes, outcome => Assert.Equal(TagOutcome.Changed, outcome));
        Assert.Equal(20, stream.Current.Tags.Count);
        await fixture.RestartAsync();
        Assert.Equal(20, fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!.Current.Tags.Count);
    }

    [Fact]
    public void Pages_come_in_byte_order_of_the_keys()
    {
        var tags = StreamTags.None.With(Of(("b", "1"), ("B", "2"), ("\u00e9", "3"), ("a", "4")));
        Assert.Equal(["B", "a"], tags.Page(null, 2, out var more).Select(tag => tag.Key));
        Assert.True(more);
        Assert.Equal(["b", "\u00e9"], tags.Page("a", 2, out more).Select(tag => tag.Key));
        Assert.False(more);
        Assert.Equal(["b"], tags.Page("aa", 1, out more).Select(tag => tag.Key));
        Assert.Empty(tags.Page("\u00ff", 2, out more));
    }

    private static Dictionary<string, string> Of(params (string Key, string Value)[] tags) => tags.ToDictionary(tag => tag.Key, tag => tag.Value);
}
