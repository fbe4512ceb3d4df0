using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>A project that the solution or the test script does not know is a project that nobody builds or runs.</summary>
public sealed partial class SolutionTests
{
    private const string Solution = "Weir.slnx";
    private const string NotASuite = "<WeirTestSuite>false</WeirTestSuite>";

    [Fact]
    public void Every_project_is_in_the_solution() => Source.AssertNone(UnlistedProjects(Tree.Checkout));

    [Fact]
    public void A_project_outside_the_solution_and_a_missing_one_are_found() => Assert.Equal(2, UnlistedProjects(new Tree(
        (Solution, """<Project Path="src/Weir.Gone/Weir.Gone.csproj" />"""),
        ("src/Weir.New/Weir.New.csproj", ""))).Count());

    [Fact]
    public void Every_test_project_is_run_by_the_test_script() => Source.AssertNone(UnrunSuites(Tree.Checkout, SuitesOfTheScript()));

    [Fact]
    public void A_test_project_that_the_script_leaves_out_is_found() => Assert.Equal(2, UnrunSuites(
        new Tree(("tests/Weir.A/Weir.A.csproj", ""), ("tests/deep/er/Weir.B.csproj", ""), ("tests/Weir.C/Weir.C.csproj", NotASuite)), []).Count());

    private static IEnumerable<string> UnlistedProjects(Tree tree)
    {
        var listed = ProjectPath().Matches(tree.Files[Solution]).Select(match => match.Groups["path"].Value.Replace('\\', '/')).ToHashSet();
        var present = tree.Below("", ".csproj").Select(file => file.Path).ToHashSet();
        return present.Except(listed).Select(path => $"{path}: not in {Solution}")
            .Concat(listed.Except(present).Select(path => $"{Solution}: {path} does not exist"));
    }

    private static IEnumerable<string> UnrunSuites(Tree tree, IReadOnlyCollection<string> run) =>
        from file in tree.Below("tests/", ".csproj")
        where !file.Text.Contains(NotASuite, StringComparison.Ordinal) && !run.Contains(Path.GetFileNameWithoutExtension(file.Path))
        select $"{file.Path}: ./test.sh --list does not name it";

    private static string[] SuitesOfTheScript()
    {
        using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Tree.Root, "test.sh"), "--list"])
        {
            RedirectStandardOutput = true,
        })!;
        var suites = script.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        script.WaitForExit();
        Assert.Equal(0, script.ExitCode);
        return suites;
    }

    [GeneratedRegex("""<Project\s+Path="(?<path>[^"]+\.csproj)"[^>]*>""")]
    private static partial Regex ProjectPath();
}
