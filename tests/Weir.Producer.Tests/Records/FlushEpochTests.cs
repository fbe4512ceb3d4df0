using Weir.Producer.Records;

namespace Weir.Producer.Tests.Records;

public sealed class FlushEpochTests
{
    [Fact]
    public void An_epoch_is_done_when_it_is_closed_and_empty()
    {
        var epoch = FlushEpoch.First();
        Assert.True(epoch.TryEnter());
        epoch.Next();
        epoch.Close();
        Assert.False(epoch.Done.IsCompleted);
        Assert.True(epoch.TryEnter());
        epoch.Exit(2);
        Assert.True(epoch.Done.IsCompleted);
        Assert.False(epoch.TryEnter());
    }

    [Fact]
    public void A_later_epoch_waits_for_the_earlier_one()
    {
        var first = FlushEpoch.First();
        Assert.True(first.TryEnter());
        var second = first.Next();
        first.Close();
        var third = second.Next();
        second.Close();
        third.Next();
        third.Close();
        Assert.False(second.Done.IsCompleted || third.Done.IsCompleted);
        first.Exit(1);
        Assert.True(first.Done.IsCompleted && second.Done.IsCompleted && third.Done.IsCompleted);
    }

    [Fact]
    public void A_hundred_thousand_epochs_end_without_a_deep_stack()
    {
        var first = FlushEpoch.First();
        Assert.True(first.TryEnter());
        var last = first;
        for (var i = 0; i < 100_000; i++)
        {
            var next = last.Next();
            last.Close();
            last = next;
        }

        last.Next();
        last.Close();
        first.Exit(1);
        Assert.True(last.Done.IsCompleted);
    }
}
