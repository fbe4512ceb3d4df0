using FsCheck;
using FsCheck.Fluent;
using Weir.Model;
using Weir.Producer.Pacing;
using Weir.Producer.Records;
using Weir.Producer.Shards;

namespace Weir.Producer.Tests.Shards;

public sealed class RecordQueueTests
{
    private static readonly OutgoingRecordPool Buffers = new(1000);
    private static readonly PendingRecordPool Pending = new(maxIdle: 0);
    private static readonly ShardLane Lane = new(
        null, aggregates: false, watchesKeys: false, Buffers, new ShardPace(0, TimeSpan.Zero), credit: null, _ => { }, () => { });

    [Fact]
    public void It_is_a_list_that_grows_at_both_ends() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, 5)).ToArbitrary(), steps =>
        {
            var queue = new RecordQueue();
            var model = new List<OutgoingRecord>();
            foreach (var step in steps)
            {
                var record = OutgoingRecord.Aggregate(Buffers, Lane, TimeSpan.Zero);
                record.TryAdd(Pending.Rent("key", null, HashKey.Min, ProducerOptions.RecordOverheadBytes + step, FlushEpoch.First(), null, 0), new byte[step]);
                switch (step)
                {
                    case 0:
                        queue.AddLast(record);
                        model.Add(record);
                        break;
                    case 1:
                        queue.AddFirst(record);
                        model.Insert(0, record);
                        break;
                    case 2 when model.Count > 0:
                        // Every other one, and some that stand together.
                        int[] indexes = [.. Enumerable.Range(0, model.Count).Where(index => index % 2 == 0 || index % 7 > 4)];
                        var into = new List<OutgoingRecord?>();
                        queue.Take(indexes, into);
                        Assert.Equal(indexes.Select(index => model[index]), into);
                        model = [.. model.Where((_, index) => !indexes.Contains(index))];
                        break;
                    case 3:
                        queue.AddLast(record);
                        model.Add(record);
                        break;
                    default:
                        Assert.Equal(model.Count > 0, queue.TryTakeFirst(out var taken));
                        Assert.Same(model.FirstOrDefault(), taken);
                        model = [.. model.Skip(1)];
                        break;
                }

                Assert.Equal(model.Sum(one => one.SizeInBytes), queue.SizeInBytes);
                Assert.Equal(model, Enumerable.Range(0, queue.Count).Select(index => queue[index]));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
