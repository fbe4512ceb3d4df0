using Weir.Cli.Demo;

namespace Weir.Cli.Tests.Demo;

/// <summary>
/// The audit must not pass over anything. Each test damages one thing in the evidence of a good run, and names the lines that have to
/// fail; all others have to pass, so that a reader knows what is wrong.
/// </summary>
public sealed class DemoAuditTests
{
    private const int Rows = 40;
    private const string Parent = "shardId-000000000001", Left = "shardId-000000000004", Right = "shardId-000000000005";

    [Fact]
    public void A_good_run_passes() => Assert.All(DemoAudit.Examine(GoodRun()), line => Assert.True(line.Passed, line.Detail));

    [Fact]
    public void A_row_without_acknowledgement_fails() =>
        AssertFails(GoodRun() with { Produced = Without(GoodRun().Produced, 7) }, "produced");

    [Fact]
    public void A_row_acknowledged_twice_fails() =>
        AssertFails(GoodRun() with { Produced = [.. GoodRun().Produced, GoodRun().Produced[7]] }, "produced");

    [Fact]
    public void A_lost_record_fails() => AssertFails(GoodRun() with { Stored = Without(GoodRun().Stored, 7) }, "stored");

    [Fact]
    public void A_record_stored_twice_fails() =>
        AssertFails(GoodRun() with { Stored = [.. GoodRun().Stored, GoodRun().Stored[7] with { SequenceNumber = "999" }] }, "stored");

    [Fact]
    public void A_record_that_replaced_another_fails() =>
        AssertFails(GoodRun() with { Stored = Replace(GoodRun().Stored, 7, record => record with { Row = 9 }) }, "stored");

    [Fact]
    public void A_record_that_nobody_sent_fails() =>
        AssertFails(GoodRun() with { Stored = [.. GoodRun().Stored, new StoredRecord(Rows + 1, Left, "999")] }, "stored");

    [Fact]
    public void A_record_in_another_shard_than_acknowledged_fails() =>
        AssertFails(GoodRun() with { Stored = Replace(GoodRun().Stored, 30, record => record with { ShardId = "shardId-000000000000" }) }, "stored");

    [Fact]
    public void A_record_with_another_number_than_acknowledged_fails() =>
        AssertFails(GoodRun() with { Stored = Replace(GoodRun().Stored, 7, record => record with { SequenceNumber = "999" }) }, "stored");

    [Fact]
    public void A_record_that_was_not_processed_fails() =>
        AssertFails(GoodRun() with { Processed = Without(GoodRun().Processed, 7) }, "processed");

    [Fact]
    public void A_record_processed_twice_fails() =>
        AssertFails(GoodRun() with { Processed = [.. GoodRun().Processed, GoodRun().Processed[^1]] }, "processed");

    [Fact]
    public void Swapped_records_of_a_key_fail() => AssertFails(GoodRun() with { Processed = Swap(GoodRun().Processed, 3, 7) }, "order");

    [Fact]
    public void Records_of_a_key_swapped_across_the_split_fail() =>
        AssertFails(GoodRun() with { Processed = Swap(GoodRun().Processed, 15, 23) }, "order");

    [Fact]
    public void Swapped_records_of_two_keys_do_not_matter() =>
        Assert.All(DemoAudit.Examine(GoodRun() with { Processed = Swap(GoodRun().Processed, 4, 5) }), line => Assert.True(line.Passed, line.Detail));

    [Fact]
    public void A_wrong_window_fails() =>
        AssertFails(GoodRun() with { Windows = new WindowsEvidence(3, new string('b', 64)) }, "windows");

    [Fact]
    public void A_missing_window_fails() =>
        AssertFails(GoodRun() with { Windows = new WindowsEvidence(2, new string('a', 64)) }, "windows");

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(25)]
    [InlineData(Rows)]
    public void A_split_that_was_not_half_way_fails(int acknowledged) =>
        AssertFails(GoodRun() with { Split = GoodRun().Split with { AcknowledgedBefore = acknowledged } }, "split");

    [Fact]
    public void A_child_without_records_fails()
    {
        var run = GoodRun();
        AssertFails(run with { Processed = [.. run.Processed.Select(record => record.ShardId == Left ? record with { ShardId = Right } : record)] }, "split");
    }

    [Fact]
    public void A_split_that_no_key_crossed_proves_nothing_about_order()
    {
        var run = GoodRun();
        AssertFails(
            run with { Processed = [.. run.Processed.Select(record => record.ShardId == Parent ? record with { ShardId = "shardId-000000000000" } : record)] },
            "order",
            "split");
    }

    private static void AssertFails(AuditEvidence evidence, params string[] names) =>
        Assert.Equal(names, DemoAudit.Examine(evidence).Where(line => !line.Passed).Select(line => line.Name));

    // Four keys in turn. Rows up to 20 go through the parent, the others through the child of their key.
    private static AuditEvidence GoodRun()
    {
        var rows = Enumerable.Range(1, Rows).ToList();
        var windows = new WindowsEvidence(3, new string('a', 64));
        return new AuditEvidence(
            Rows,
            [.. rows.Select(row => new Acknowledgement(row, ShardOf(row), $"{row}"))],
            [.. rows.OrderBy(ShardOf).Select(row => new StoredRecord(row, ShardOf(row), $"{row}"))],
            [.. rows.Select(row => new ProcessedRecord(row, KeyOf(row), ShardOf(row)))],
            windows,
            windows with { },
            new SplitFacts(Parent, [Left, Right], "170141183460469231731687303715884105728", Rows / 2, TimeSpan.FromSeconds(29), TimeSpan.FromMilliseconds(20)));
    }

    private static string KeyOf(int row) => $"tenant-{row % 4}";

    private static string ShardOf(int row) => row <= Rows / 2 ? Parent : row % 2 == 0 ? Left : Right;

    private static List<T> Without<T>(IReadOnlyList<T> records, int index) => [.. records.Where((_, i) => i != index)];

    private static List<T> Replace<T>(IReadOnlyList<T> records, int index, Func<T, T> change) =>
        [.. records.Select((record, i) => i == index ? change(record) : record)];

    private static List<T> Swap<T>(IReadOnlyList<T> records, int first, int second) =>
        [.. records.Select((record, i) => i == first ? records[second] : i == second ? records[first] : record)];
}
