using Weir.Conformance.Server;

namespace Weir.Conformance.Compatibility;

/// <summary>docs/compatibility.md says what the tours of this run came to, and names tests that exist.</summary>
public sealed class CompatibilityDocumentTests
{
    private const string AcceptSetting = "WEIR_ACCEPT_COMPATIBILITY";

    private static string Path { get; } = System.IO.Path.Combine(Repository.Root, "docs/compatibility.md");

    [Fact]
    public async Task The_page_says_what_this_run_saw()
    {
        WeirServer.Require();
        var results = await Task.WhenAll(Column.All.Select(column => column.ResultAsync()));
        var committed = File.Exists(Path) ? await File.ReadAllTextAsync(Path, TestContext.Current.CancellationToken) : "";
        var fields = CompatibilityDocument.Read(committed);

        // Where a client is not installed its column stays as it is: this machine has seen nothing to the contrary.
        var seen = CompatibilityDocument.Write((column, operation) =>
            results.Single(result => result.Column == column) is { Outcomes: not null } result
                ? CompatibilityDocument.Text(result.CellOf(operation))
                : fields.GetValueOrDefault((column.Title, operation), "not seen yet"));

        if (Environment.GetEnvironmentVariable(AcceptSetting) == "1")
            await File.WriteAllTextAsync(Path, seen, TestContext.Current.CancellationToken);
        else
            Assert.True(seen == committed, $"{FirstDifference(committed, seen)}\nIf this is meant, run the test with {AcceptSetting}=1 and commit docs/compatibility.md.");
    }

    [Fact]
    public void Every_choice_is_about_operations_that_exist_and_held_by_a_test_that_exists()
    {
        var tests = Choice.TestsOfCheckout();
        var operations = ServiceShapes.OfCheckout.Operations.Append(Choice.Everywhere).ToHashSet();
        Assert.All(Choice.OfCheckout, choice =>
        {
            Assert.All(choice.Operations, operation => Assert.Contains(operation, operations));
            Assert.True(choice.Test is null || tests.Contains(choice.Test), $"There is no test {choice.Test}.");
        });
    }

    [Fact]
    public void A_written_page_reads_back_field_by_field()
    {
        var page = CompatibilityDocument.Write((column, operation) => $"{column.Title} of {operation}");
        var fields = CompatibilityDocument.Read(page);
        Assert.All(Column.All, column => Assert.All(
            ServiceShapes.OfCheckout.Operations, operation => Assert.Equal($"{column.Title} of {operation}", fields[(column.Title, operation)])));
    }

    private static string FirstDifference(string committed, string seen)
    {
        var (before, after) = (committed.Split('\n'), seen.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"docs/compatibility.md differs from this run, first at line {line + 1}:\n"
            + $"- {before.ElementAtOrDefault(line)}\n+ {after.ElementAtOrDefault(line)}";
    }
}
