namespace Weir.Log.Tests;

public sealed class TailBudgetTests
{
    [Fact]
    public void Logs_that_come_and_go_leave_nothing_behind_although_the_budget_never_fills()
    {
        var budget = new TailBudget(maxBytes: 1024 * 1024);
        var living = new LogTail(budget);
        for (var i = 0; i < 10; i++)
            Add(living, i);
        for (var i = 0; i < 10_000; i++)
        {
            var passing = new LogTail(budget);
            Add(passing, 0);
            Add(passing, 1);
            passing.Close();
            Assert.InRange(budget.Entries, 10, 64);
        }

        // Those of the log that lives are still there, and still leave by age.
        for (var i = 0; i < 10; i++)
            living.TryGet(new LogOffset(i * 10))!.Release();
        var large = new LogTail(budget);
        large.Add(CommitBuffer.Rent(new LogOffset(0), 1024 * 1024));
        Assert.Null(living.TryGet(new LogOffset(0)));
        Assert.InRange(budget.Bytes, 0, 1024 * 1024);
    }

    private static void Add(LogTail tail, int number) => tail.Add(CommitBuffer.Rent(new LogOffset(number * 10), 10));
}
