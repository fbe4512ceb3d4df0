using Weir.Model;
using Weir.Producer.Pacing;
using Weir.Producer.Records;

namespace Weir.Producer.Tests.Records;

/// <summary>A shard that is offered too much holds back its own callers, and nobody else's.</summary>
public sealed class ShardCreditTests
{
    private const int Overhead = ProducerOptions.RecordOverheadBytes;

    private readonly PendingRecordPool _pool = new(maxIdle: 100);
    private readonly List<PendingRecord> _accepted = [];

    // A record's hash key is the number of its shard.
    private List<ShardCredit> _shards;

    public ShardCreditTests()
    {
        _shards = [Shard(), Shard(), Shard()];
    }

    [Fact]
    public void A_shard_takes_in_what_it_can_send_in_its_time()
    {
        // 1 % of 1 MiB/s and of 1,000 records/s, for 10 s: 104,857 bytes and 100 records.
        var shard = new ShardCredit(new ShardPace(1, TimeSpan.Zero), TimeSpan.FromSeconds(10), countsRecords: true);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(shard.HasRoomFor(Record(0, 1000)));
            shard.Enter(Record(0, 1000));
        }

        Assert.False(shard.HasRoomFor(Record(0, 1)));
        shard.Exit(1000 + Overhead, 1);
        Assert.True(shard.HasRoomFor(Record(0, 5857)));
        Assert.False(shard.HasRoomFor(Record(0, 5858)));
    }

    [Fact]
    public void A_shard_that_is_throttled_takes_in_less()
    {
        var pace = new ShardPace(1, TimeSpan.Zero);
        var shard = new ShardCredit(pace, TimeSpan.FromSeconds(10), countsRecords: false);
        shard.Enter(Record(0, 1));
        Assert.True(shard.HasRoomFor(Record(0, 100_000)));
        pace.Throttled(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.False(shard.HasRoomFor(Record(0, 100_000)));
        Assert.True(shard.HasRoomFor(Record(0, 80_000)));
    }

    [Fact]
    public void A_record_that_is_larger_than_the_room_goes_alone()
    {
        var shard = Shard();
        var huge = Record(0, 1 << 20);
        Assert.True(shard.HasRoomFor(huge));
        shard.Enter(huge);
        Assert.False(shard.HasRoomFor(Record(0, 1)));
        shard.Exit(huge.CreditBytes, 1);
        Assert.True(shard.HasRoomFor(huge));
    }

    [Fact]
    public void A_full_shard_holds_back_its_own_records_in_their_order()
    {
        var credit = Credit(1 << 20);
        var first = Put(credit, 0, 2000);
        var (second, third, other) = (Put(credit, 0, 2000), Put(credit, 0, 100), Put(credit, 1, 2000));
        Assert.Equal([first, other], _accepted);
        Assert.Equal(2, credit.Waiting);
        credit.Release(first.Shard, first.CreditBytes, 1);
        Assert.Equal([first, other, second, third], _accepted);
        Assert.Equal(0, credit.Waiting);
    }

    [Fact]
    public void Who_leaves_a_full_shard_lets_the_next_one_in()
    {
        var credit = Credit(1 << 20);
        Put(credit, 0, 2000);
        var (large, small) = (Put(credit, 0, 2000), Put(credit, 0, 100));
        Assert.Single(_accepted);
        Assert.True(credit.TryLeave(large));
        Assert.Equal(small, _accepted[^1]);
        Assert.False(credit.TryLeave(small));
    }

    [Fact]
    public void Who_leaves_the_queue_for_credit_gives_the_room_back()
    {
        var credit = Credit(3000);
        Put(credit, 1, 2000);
        var (waits, behind) = (Put(credit, 0, 2000), Put(credit, 0, 2000));
        Assert.Single(_accepted);
        Assert.True(credit.TryLeave(waits));
        Assert.Equal(1, credit.Waiting);
        credit.Release(_accepted[0].Shard, _accepted[0].CreditBytes, 1);
        Assert.Equal(behind, _accepted[^1]);
    }

    [Fact]
    public void After_a_reshard_those_who_wait_do_so_for_the_new_shards()
    {
        var credit = Credit(1 << 20);
        Put(credit, 0, 2000);
        var (second, third) = (Put(credit, 0, 2000), Put(credit, 0, 2000));
        var old = _shards;
        credit.Change(() => _shards = [Shard(), old[1], old[2]], [old[0]]);
        Assert.Equal(second, _accepted[^1]);
        Assert.Equal((1, old[0], _shards[0]), (credit.Waiting, _accepted[0].Shard, second.Shard));
        credit.Release(old[0], _accepted[0].CreditBytes, 1);
        Assert.Equal(second, _accepted[^1]);
        credit.Release(second.Shard, second.CreditBytes, 1);
        Assert.Equal(third, _accepted[^1]);
    }

    [Fact]
    public void Whatever_happens_each_shards_records_come_in_in_order_and_nobody_is_forgotten()
    {
        for (var seed = 0; seed < 300; seed++)
            Run(new Random(seed), seed);
    }

    // Puts, outcomes, departures and reshards by chance, then outcomes until nothing is left.
    private void Run(Random random, int seed)
    {
        _accepted.Clear();
        _shards = [Shard(), Shard(), Shard()];
        var credit = Credit(random.Next(2000, 20_000));
        var (put, held, waiting) = (new List<PendingRecord>(), new List<PendingRecord>(), new List<PendingRecord>());
        var seen = 0;
        for (var step = 0; step < 300; step++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    var record = Record(random.Next(3), random.Next(1, 1500));
                    put.Add(record);
                    waiting.Add(record);
                    if (random.Next(2) == 0 && credit.TryTake(record))
                        _accepted.Add(record);
                    else
                        credit.TakeOrWait(record);
                    break;
                case < 6 when held.Count > 0:
                    Release(credit, held, random.Next(held.Count));
                    break;
                case 6 when waiting.Count > 0:
                    var leaves = waiting[random.Next(waiting.Count)];
                    Assert.True(credit.TryLeave(leaves), $"seed {seed}");
                    waiting.Remove(leaves);
                    put.Remove(leaves);
                    break;
                default:
                    var (shard, old) = (random.Next(3), _shards);
                    credit.Change(() => _shards = [.. old.Select((one, i) => i == shard ? Shard() : one)], [old[shard]]);
                    break;
            }

            Settle();
        }

        while (held.Count > 0)
        {
            Release(credit, held, random.Next(held.Count));
            Settle();
        }

        Assert.Empty(waiting);
        Assert.Equal((0L, 0L, 0), (credit.Used, credit.Records, credit.Waiting));
        for (var shard = 0; shard < 3; shard++)
            Assert.Equal(put.Where(one => one.HashKey == new HashKey((UInt128)shard)), _accepted.Where(one => one.HashKey == new HashKey((UInt128)shard)));

        void Settle()
        {
            for (; seen < _accepted.Count; seen++)
            {
                held.Add(_accepted[seen]);
                Assert.True(waiting.Remove(_accepted[seen]), $"seed {seed}");
            }

            Assert.True(credit.Waiting == waiting.Count, $"seed {seed}");
        }
    }

    private static void Release(ByteCredit credit, List<PendingRecord> held, int index)
    {
        var record = held[index];
        held.RemoveAt(index);
        credit.Release(record.Shard, record.CreditBytes, 1);
    }

    private PendingRecord Put(ByteCredit credit, int shard, int bytes)
    {
        var record = Record(shard, bytes);
        credit.TakeOrWait(record);
        return record;
    }

    private ByteCredit Credit(long bytes) => new(bytes, _accepted.Add, record => _shards[(int)record.HashKey.Value]);

    // Room for 2,621 bytes.
    private static ShardCredit Shard() => new(new ShardPace(1, TimeSpan.Zero), TimeSpan.FromMilliseconds(250), countsRecords: false);

    private PendingRecord Record(int shard, int bytes) =>
        _pool.Rent("key", null, new HashKey((UInt128)shard), bytes + Overhead, FlushEpoch.First(), observer: null, index: 0);
}
