using Weir.Log;
using Weir.Server.Http;

namespace Weir.Server.Tests.Http;

/// <summary>One limit is divided so that its parts come to less than it, and what is given explicitly wins.</summary>
public sealed class MemoryPlanTests
{
    private const long MiB = 1024 * 1024, GiB = 1024 * MiB;

    [Theory]
    [InlineData(64 * MiB, 256 * MiB)]
    [InlineData(GiB, 512 * MiB)]
    [InlineData(64 * GiB, 2 * GiB)]
    public void Without_an_option_it_is_half_of_what_there_is_within_bounds(long available, long limit) =>
        Assert.Equal(limit, MemoryPlan.Of(new WeirServerOptions(), available).LimitBytes);

    [Theory]
    [InlineData(256 * MiB)]
    [InlineData(512 * MiB)]
    [InlineData(2 * GiB)]
    [InlineData(64 * GiB)]
    public void The_parts_fit_into_the_limit(long limit)
    {
        var plan = MemoryPlan.Of(new WeirServerOptions { MemoryLimitBytes = limit }, GiB);
        Assert.Equal(limit, plan.LimitBytes);
        Assert.True(plan.HeapBytes < limit, "The heap is a part of the process.");
        Assert.True(plan.BufferBytes + ((long)plan.ConnectionPlaces * MemoryPlan.ConnectionBytes) < plan.HeapBytes, "Buffers and connections are parts of the heap.");
        Assert.True(plan.RequestBytes + plan.TailBytes < plan.BufferBytes, "Requests and the tail are made of buffers.");
        // The largest body and the largest record of an answer have room.
        Assert.True(plan.RequestBytes >= 32 * MiB, $"{plan.RequestBytes} for requests");
        new LogOptions { QueueBytes = plan.QueueBytes, TotalQueueBytes = plan.TotalQueueBytes, TailBytes = plan.TailBytes }.Validate();
    }

    [Fact]
    public void A_thousand_clients_and_a_hundred_subscriptions_fit_into_the_least_limit()
    {
        var plan = MemoryPlan.Of(new WeirServerOptions { MemoryLimitBytes = 256 * MiB }, GiB);
        Assert.True(plan.ConnectionPlaces >= 1000, $"{plan.ConnectionPlaces} connections");
        using var events = new EventMemory(plan.EventBytes, TimeProvider.System);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.NotNull(events.TryReserve()));
    }

    [Theory]
    [InlineData(256 * MiB)]
    [InlineData(2 * GiB)]
    [InlineData(64 * GiB)]
    public void Whatever_requests_may_bring_has_room_in_the_queue_of_one_log(long limit)
    {
        var plan = MemoryPlan.Of(new WeirServerOptions { MemoryLimitBytes = limit }, GiB);
        Assert.True(plan.QueueBytes >= Math.Min(plan.RequestBytes, LogOptions.MaxQueueBytes), $"{plan.QueueBytes} for {plan.RequestBytes}");
        Assert.True(plan.TotalQueueBytes >= plan.QueueBytes, "All logs have at least what one may have.");
    }

    [Fact]
    public void What_is_given_wins()
    {
        var plan = MemoryPlan.Of(new WeirServerOptions { MemoryLimitBytes = GiB, RequestBytes = 700 * 1024 * 1024, MaxConnections = 3 }, GiB);
        Assert.Equal((700 * 1024 * 1024, 3), (plan.RequestBytes, plan.ConnectionPlaces));
    }

    [Fact]
    public void Records_in_memory_have_half_and_what_is_given_for_them_makes_the_limit()
    {
        var plan = MemoryPlan.Of(new WeirServerOptions { DataDirectory = null, MemoryLimitBytes = 2 * GiB }, 64 * GiB);
        Assert.Equal(GiB, plan.StoreBytes);
        Assert.True(plan.BufferBytes < MemoryPlan.Of(new WeirServerOptions { MemoryLimitBytes = 2 * GiB }, 64 * GiB).BufferBytes, "The rest is divided, not the whole.");
        Assert.Equal(6 * GiB, MemoryPlan.Of(new WeirServerOptions { DataDirectory = null, MemoryBytes = 3 * GiB }, 64 * GiB).LimitBytes);
    }
}
