using Weir.Model;

namespace Weir.Streams.Tests;

public sealed class ReshardingTests
{
    private static readonly HashKey Middle = new(UInt128.MaxValue / 2);

    [Fact]
    public async Task A_split_closes_the_parent_and_opens_two_children_that_cover_its_range()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), Middle));

        var shards = stream.Current.Shards;
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        Assert.False(shards.Find(new ShardId(0))!.IsOpen);
        var children = shards.ChildrenOf(new ShardId(0)).ToList();
        Assert.Equal([1, 2], children.Select(child => child.Id.Number));
        Assert.Equal(new HashKeyRange(HashKey.Min, new HashKey(Middle.Value - 1)), children[0].HashKeys);
        Assert.Equal(new HashKeyRange(Middle, HashKey.Max), children[1].HashKeys);
        Assert.All(children, child => Assert.Equal(shards.Find(new ShardId(0))!.ClosedAt, child.OpenedAt));
        Assert.All(children, child => Assert.True(child.StartingSequenceNumber.CompareTo(shards.Find(new ShardId(0))!.EndingSequenceNumber!.Value) > 0));
    }

    [Fact]
    public async Task A_merge_names_the_lower_shard_as_parent_and_the_upper_as_adjacent_parent()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        Assert.Equal(ReshardOutcome.NotAdjacent, await fixture.Engine.Resharding.MergeAsync(stream, new ShardId(1), new ShardId(0)));
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.MergeAsync(stream, new ShardId(0), new ShardId(1)));
        var child = Assert.Single(stream.Current.Shards.Open);
        Assert.Equal((new ShardId(2), new ShardId(0), new ShardId(1)), (child.Id, child.Parent, child.AdjacentParent));
        Assert.Equal(HashKeyRange.Whole, child.HashKeys);
    }

    [Fact]
    public async Task Refusals_leave_the_stream_as_it_was()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        var resharding = fixture.Engine.Resharding;
        Assert.Equal(ReshardOutcome.ShardMissing, await resharding.SplitAsync(stream, new ShardId(7), Middle));
        Assert.Equal(ReshardOutcome.BadSplitPoint, await resharding.SplitAsync(stream, new ShardId(0), HashKey.Max));
        Assert.Equal(ReshardOutcome.Started, await resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000)));
        Assert.Equal(ReshardOutcome.ShardClosed, await resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000)));
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        Assert.Equal(3, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task A_stream_takes_one_reshard_at_a_time_and_shows_UPDATING_meanwhile()
    {
        await using var fixture = await EngineFixture.StartAsync(new StreamsOptions { TransitionDelay = TimeSpan.FromSeconds(5) });
        Assert.Equal(CreateOutcome.Created, await fixture.Engine.Lifecycle.CreateAsync(new NewStream(EngineFixture.Name("orders"), 2), TestContext.Current.CancellationToken));
        var stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        Assert.Equal(StreamStatus.Creating, stream.Current.Row.Status);
        await AdvanceUntilAsync(fixture, () => stream.Current.Row.Status == StreamStatus.Active);
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), new HashKey(1000)));
        Assert.Equal(StreamStatus.Updating, stream.Current.Row.Status);
        Assert.Equal(ReshardOutcome.NotActive, await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(1), HashKey.Max));
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "a", "still taken")).Status);
        await AdvanceUntilAsync(fixture, () => stream.Current.Row.Status == StreamStatus.Active);
        Assert.Equal(3, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task A_change_waits_for_the_server_s_own_housekeeping_which_nobody_sees()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        Assert.NotNull(stream.TryBeginHousekeeping());
        Assert.Null(stream.TryBeginHousekeeping());
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        var split = fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), Middle);
        Assert.False(split.IsCompleted);
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        stream.EndHousekeeping();
        Assert.Equal(ReshardOutcome.Started, await split);
        Assert.Equal(2, stream.Current.Shards.Open.Count);
    }

    [Fact]
    public async Task Housekeeping_leaves_a_stream_alone_that_somebody_changes()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        Assert.NotNull(await stream.EnterAsync(StreamStatus.Active, StreamStatus.Updating));
        Assert.Null(stream.TryBeginHousekeeping());
    }

    /// <remarks>
    /// Goal: whatever instant a process dies at during a merge, the next start finishes it, and no record is lost or doubled.
    /// Method: the log fails before or after the first or the second parent's end; the engine is dropped and another one started.
    /// </remarks>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task A_merge_that_a_crash_interrupts_is_finished_at_the_next_start(int closingsBefore, bool afterTheEffect)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 2);
        for (var i = 0; i < 20; i++)
            Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, $"key{i}", $"before {i}")).Status);

        fixture.Logs.CloseFailsAfter = closingsBefore;
        fixture.Logs.FailureComesAfterTheEffect = afterTheEffect;
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.MergeAsync(stream, new ShardId(0), new ShardId(1)));
        Assert.Equal(StreamStatus.Updating, stream.Current.Row.Status);

        await fixture.RestartAsync();
        stream = fixture.Engine.Streams.Find(EngineFixture.Name("orders"))!;
        Assert.Equal(StreamStatus.Active, stream.Current.Row.Status);
        var child = Assert.Single(stream.Current.Shards.Open);
        Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, "key0", "after")).Status);
        Assert.Equal(20, fixture.Read(stream, new ShardId(0)).Count + fixture.Read(stream, new ShardId(1)).Count);
        Assert.Equal("after", Assert.Single(fixture.Read(stream, child.Id)).Data);
    }

    [Fact]
    public async Task A_reshard_that_fails_while_the_process_lives_is_tried_again()
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 1);
        fixture.Logs.CloseFailsAfter = 0;
        Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.SplitAsync(stream, new ShardId(0), Middle));
        Assert.Equal(StreamStatus.Updating, stream.Current.Row.Status);
        await AdvanceUntilAsync(fixture, () => stream.Current.Row.Status == StreamStatus.Active);
        Assert.Equal(2, stream.Current.Shards.Open.Count);
    }

    /// <remarks>
    /// Goal: no record is lost, doubled or reordered by splits and merges under load. Method: writers put numbered records of their own
    /// keys while shards are split and merged at random; then every key's records are read along the family, parents before children.
    /// </remarks>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Puts_during_splits_and_merges_lose_and_reorder_nothing(int seed)
    {
        await using var fixture = await EngineFixture.StartAsync();
        var stream = await fixture.CreateAsync("orders", shards: 3);
        var random = new Random(seed);
        const int writers = 8, recordsEach = 150;
        var load = Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < recordsEach; i++)
                Assert.Equal(PutStatus.Accepted, (await fixture.PutAsync(stream, $"writer{writer}", $"{i}")).Status);
        })).ToArray();
        while (!load.All(task => task.IsCompleted))
        {
            await ReshardAtRandomAsync(fixture, stream, random);
            fixture.Time.Advance(TimeSpan.FromMilliseconds(random.Next(1500)));
        }

        await Task.WhenAll(load);
        var byKey = stream.Current.Shards.All.OrderBy(shard => shard.StartingSequenceNumber)
            .SelectMany(shard => fixture.Read(stream, shard.Id)).ToLookup(record => record.Key, record => int.Parse(record.Data));
        Assert.Equal(writers, byKey.Count);
        Assert.All(byKey, key => Assert.Equal(Enumerable.Range(0, recordsEach), key));
    }

    private static async Task ReshardAtRandomAsync(EngineFixture fixture, DataStream stream, Random random)
    {
        var open = stream.Current.Shards.Open;
        var at = random.Next(open.Count);
        if (open.Count > 6 || (open.Count > 1 && random.Next(2) == 0))
        {
            at = Math.Min(at, open.Count - 2);
            Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.MergeAsync(stream, open[at].Id, open[at + 1].Id));
        }
        else
        {
            var keys = open[at].HashKeys;
            var middle = new HashKey(keys.Start.Value + ((keys.End.Value - keys.Start.Value) / 2));
            Assert.Equal(ReshardOutcome.Started, await fixture.Engine.Resharding.SplitAsync(stream, open[at].Id, middle));
        }
    }

    private static async Task AdvanceUntilAsync(EngineFixture fixture, Func<bool> state)
    {
        while (!state())
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
