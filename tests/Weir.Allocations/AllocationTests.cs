using System.Globalization;
using Weir.Ladder;
using Weir.Log;

namespace Weir.Allocations;

/// <summary>
/// No operation allocates more than its bound in bounds.tsv, at any rung: time wobbles from run to run, this does not. A rung that
/// begins to allocate shows here by name, and its neighbours tell whether it is the cause.
/// </summary>
public sealed class AllocationTests
{
    // The device allocates nothing of ours.
    private static readonly IReadOnlyList<StepName> Checked = [.. Rungs.Steps.Where(step => step.Rung != "device")];

    // Steps that store single records come first, those that store batches last: the memory of a log's tail goes round among commits of one size.
    private static readonly string[] Order = [Operations.PutRecord, Operations.SubscribeToShard, Operations.GetRecords, Operations.PutRecords];

    // Of a commit of one record with its frame, as the pool of buffers rounds it up.
    private const int CommitBytes = 2048;

    public static TheoryData<string> CheckedRungs => [.. Checked.Select(step => step.Rung).Distinct()];

    [Theory]
    [MemberData(nameof(CheckedRungs))]
    public async Task No_step_allocates_more_than_its_bound(string rung)
    {
        var directory = Directory.CreateTempSubdirectory("weir-allocations-");
        try
        {
            // Not synced: what is allocated is the same, and the disk's time is not the question.
            await using var opened = await Rungs.OpenAsync(rung, directory, Durability.Os);
            await FillTailAsync(opened);
            var tooMuch = new List<string>();
            foreach (var step in opened.Steps.OrderBy(step => Array.IndexOf(Order, step.Name.Operation)))
            {
                var bound = Bound.Table.Single(bound => bound.Step == step.Name);
                var measured = await Allocation.OfAsync(step.RunAsync);
                var line = string.Create(CultureInfo.InvariantCulture, $"{step.Name}: {measured:N0} bytes an operation, bound {bound.Bytes:N0} ({bound.Why})");
                TestContext.Current.TestOutputHelper!.WriteLine(line);
                if (measured > bound.Bytes)
                    tooMuch.Add(line);
            }

            Assert.True(tooMuch.Count == 0, "Above the bounds of tests/Weir.Allocations/bounds.tsv:\n" + string.Join('\n', tooMuch));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    // Until the tail is full each commit takes new memory for it; from then on it takes that of the oldest. The steady state is the second.
    private static async Task FillTailAsync(IRung rung)
    {
        var put = rung.Steps[0];
        Assert.Equal(Operations.PutRecord, put.Name.Operation);
        for (var held = 0L; put.Name.Rung != "protocol" && held < LogOptions.DefaultTailBytes * 11 / 10; held += CommitBytes)
            await put.RunAsync();
    }

    [Fact]
    public void Every_step_has_one_bound_and_every_bound_a_step() =>
        Assert.Equal(Checked.Select(step => step.ToString()).Order(), Bound.Table.Select(bound => bound.Step.ToString()).Order());

    [Fact]
    public async Task What_an_operation_allocates_is_found_whatever_else_happens_beside_it()
    {
        // Each tenth operation allocates much more, as a timer of another thread would: the least of the rounds must still hold the rest.
        var calls = 0;
        var kept = new object[1];
        var measured = await Allocation.OfAsync(() =>
        {
            kept[0] = new byte[calls++ % 400 == 399 ? 100_000 : 1000];
            return ValueTask.CompletedTask;
        });

        Assert.InRange(measured, 1000, 1100);
    }
}
