using Weir.Cli.Tail;

namespace Weir.Cli.Tests.Tail;

public sealed class ShardOrderTests
{
    private readonly ShardOrder _order = new();

    [Fact]
    public void Roots_are_ready_and_each_shard_is_given_out_once()
    {
        _order.Add("1", []);
        _order.Add("0", []);

        Assert.Equal(["0", "1"], _order.TakeReady());
        Assert.Empty(_order.TakeReady());
    }

    [Fact]
    public void Children_of_a_split_wait_for_their_parent()
    {
        _order.Add("0", []);
        _order.Add("1", ["0"]);
        _order.Add("2", ["0"]);
        Assert.Equal(["0"], _order.TakeReady());

        _order.Finish("0");

        Assert.Equal(["1", "2"], _order.TakeReady());
    }

    [Fact]
    public void The_child_of_a_merge_waits_for_both_parents_and_is_read_once()
    {
        _order.Add("0", []);
        _order.Add("1", []);
        _order.TakeReady();

        _order.Finish("0");
        _order.Add("2", ["0", "1"]);
        Assert.Empty(_order.TakeReady());
        _order.Finish("1");
        _order.Add("2", ["0", "1"]);

        Assert.Equal(["2"], _order.TakeReady());
        Assert.Empty(_order.TakeReady());
    }

    [Fact]
    public void A_parent_that_is_not_listed_any_more_is_past()
    {
        _order.Add("7", ["3"]);
        _order.Add("8", ["3", "7"]);

        Assert.Equal(["7"], _order.TakeReady());
    }

    [Fact]
    public void Every_shard_of_any_family_tree_comes_after_its_parents()
    {
        // Method: grow random trees by splits and merges, then read them in whatever order the seed says.
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var parents = Grow(random);
            var order = new ShardOrder();
            foreach (var (shard, of) in parents.OrderBy(_ => random.Next()))
                order.Add(shard, of);
            var done = new HashSet<string>();
            var reading = order.TakeReady();
            while (reading.Count > 0)
            {
                var next = reading[random.Next(reading.Count)];
                Assert.All(parents[next], parent => Assert.Contains(parent, done));
                reading.Remove(next);
                order.Finish(next);
                Assert.True(done.Add(next));
                reading.AddRange(order.TakeReady());
            }

            Assert.Equal(parents.Count, done.Count);
        }
    }

    private static Dictionary<string, string[]> Grow(Random random)
    {
        var parents = new Dictionary<string, string[]> { ["0"] = [] };
        var open = new List<string> { "0" };
        while (parents.Count < 30)
        {
            if (open.Count > 1 && random.Next(2) == 0)
            {
                var at = random.Next(open.Count - 1);
                var child = $"{parents.Count}";
                parents[child] = [open[at], open[at + 1]];
                open.RemoveRange(at, 2);
                open.Insert(at, child);
            }
            else
            {
                var at = random.Next(open.Count);
                var (lower, upper) = ($"{parents.Count}", $"{parents.Count + 1}");
                parents[lower] = parents[upper] = [open[at]];
                open[at] = lower;
                open.Insert(at + 1, upper);
            }
        }

        return parents;
    }
}
