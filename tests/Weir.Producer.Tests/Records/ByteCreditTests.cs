using Weir.Model;
using Weir.Producer.Records;

namespace Weir.Producer.Tests.Records;

public sealed class ByteCreditTests
{
    private readonly PendingRecordPool _pool = new(maxIdle: 100);
    private readonly List<PendingRecord> _accepted = [];

    [Fact]
    public void Credit_is_given_until_it_is_used_up()
    {
        var credit = Credit(100);
        Assert.True(credit.TryTake(Record(60)));
        Assert.True(credit.TryTake(Record(40)));
        Assert.False(credit.TryTake(Record(1)));
        Assert.Equal((100L, 2L), (credit.Used, credit.Records));
        credit.Release(null, 40, 1);
        Assert.True(credit.TryTake(Record(40)));
        credit.Release(null, 100, 2);
        Assert.Equal((0L, 0L), (credit.Used, credit.Records));
    }

    [Fact]
    public void Those_who_wait_are_accepted_in_their_order_and_nobody_passes_them()
    {
        var credit = Credit(100);
        var (large, small, last) = (Record(90), Record(5), Record(50));
        Assert.True(credit.TryTake(Record(50)));
        Assert.False(credit.TakeOrWait(large));
        Assert.False(credit.TakeOrWait(small));
        Assert.False(credit.TryTake(Record(5)));
        Assert.False(credit.TakeOrWait(last));
        Assert.Equal(3, credit.Waiting);
        credit.Release(null, 30, 0);
        Assert.Empty(_accepted);
        credit.Release(null, 20, 1);
        Assert.Equal([large, small], _accepted);
        credit.Release(null, 90, 1);
        Assert.Equal([large, small, last], _accepted);
        Assert.Equal(0, credit.Waiting);
    }

    [Fact]
    public void Who_leaves_lets_the_next_one_in()
    {
        var credit = Credit(100);
        var (large, small) = (Record(90), Record(5));
        Assert.True(credit.TryTake(Record(50)));
        Assert.False(credit.TakeOrWait(large));
        Assert.False(credit.TakeOrWait(small));
        Assert.True(credit.TryLeave(large));
        Assert.False(credit.TryLeave(large));
        Assert.Equal([small], _accepted);
    }

    [Fact]
    public void A_record_larger_than_everything_goes_alone()
    {
        var credit = Credit(100);
        var huge = Record(1000);
        Assert.True(credit.TryTake(Record(1)));
        Assert.False(credit.TakeOrWait(huge));
        credit.Release(null, 1, 1);
        Assert.Equal([huge], _accepted);
        Assert.False(credit.TryTake(Record(1)));
        credit.Release(null, 1000, 1);
        Assert.True(credit.TryTake(Record(100)));
    }

    [Fact]
    public void The_queue_can_be_emptied()
    {
        var credit = Credit(10);
        Assert.True(credit.TryTake(Record(10)));
        var waiting = Enumerable.Range(0, 5).Select(_ => Record(3)).ToList();
        Assert.All(waiting, record => Assert.False(credit.TakeOrWait(record)));
        Assert.Equal(waiting, credit.TakeWaiting());
        credit.Release(null, 10, 1);
        Assert.Empty(_accepted);
    }

    private ByteCredit Credit(long bytes) => new(bytes, _accepted.Add, _ => null);

    private PendingRecord Record(int bytes) => _pool.Rent("key", null, HashKey.Min, bytes, FlushEpoch.First(), observer: null, index: 0);
}
