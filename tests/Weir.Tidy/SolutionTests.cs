using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>A project that the solution or the test script does not know is a project that nobody builds or runs.</summary>
public sealed partial class SolutionTests
{
    private const string Solution = "Weir.slnx";
    private const string Props = "Directory.Build.props";
    private const string Strict = "<TreatWarningsAsErrors>true</TreatWarningsAsErrors>";
    private const string NotASuite = "<WeirTestSuite>false</WeirTestSuite>";

    // What programs are built with; what these refer to belongs to it.
    private static readonly string[] ProgramLibraries = ["Weir.Client", "Weir.Producer"];

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

    [Fact]
    public void Libraries_that_programs_refer_to_are_held_to_trimming_and_native_code() => Source.AssertNone(UnheldLibraries(Tree.Checkout));

    [Theory]
    [InlineData("src/Weir.Client/Weir.Client.csproj", "<Project />")]
    [InlineData("src/Weir.Client/Weir.Client.csproj", "<IsAotCompatible>false</IsAotCompatible>")]
    [InlineData("src/Weir.Client/Weir.Client.csproj", "<IsAotCompatible>true</IsAotCompatible><NoWarn>IL2026</NoWarn>")]
    [InlineData("src/Weir.Client/Weir.Client.csproj", "<IsAotCompatible>true</IsAotCompatible><TreatWarningsAsErrors>false</TreatWarningsAsErrors>")]
    [InlineData("src/Weir.Client/Weir.Client.csproj", """<IsAotCompatible>true</IsAotCompatible><ProjectReference Include="../Weir.Model/Weir.Model.csproj" />""")]
    public void A_library_that_is_not_is_found(string path, string text) => Assert.Single(UnheldLibraries(new Tree((Props, Strict), (path, text), ("src/Weir.Model/Weir.Model.csproj", ""))));

    [Fact]
    public void A_library_that_is_held_is_not() =>
        Assert.Empty(UnheldLibraries(new Tree((Props, Strict), ("src/Weir.Client/Weir.Client.csproj", "<IsAotCompatible>true</IsAotCompatible>"))));

    [Fact]
    public void Warnings_that_are_no_errors_are_found() => Assert.Single(UnheldLibraries(new Tree((Props, ""))));

    // IsAotCompatible turns the analyzers on, and a warning of theirs ends the build.
    private static IEnumerable<string> UnheldLibraries(Tree tree)
    {
        if (!tree.Files[Props].Contains(Strict, StringComparison.Ordinal))
            yield return $"{Props}: warnings are no errors";
        var looked = new HashSet<string>();
        var left = new Queue<string>(ProgramLibraries.Select(name => $"src/{name}/{name}.csproj").Where(tree.Files.ContainsKey));
        while (left.TryDequeue(out var path))
        {
            if (!looked.Add(path))
                continue;
            var text = tree.Files[path];
            if (!text.Contains("<IsAotCompatible>true</IsAotCompatible>", StringComparison.Ordinal))
                yield return $"{path}: not IsAotCompatible, so nobody looks whether it can be trimmed";
            else if (text.Contains("<NoWarn>", StringComparison.Ordinal) || text.Contains("<TreatWarningsAsErrors>false", StringComparison.Ordinal))
                yield return $"{path}: does without warnings";
            foreach (Match reference in LibraryReference().Matches(text))
                left.Enqueue($"src/{reference.Groups["name"].Value}/{reference.Groups["name"].Value}.csproj");
        }
    }

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

    [GeneratedRegex("""<ProjectReference\s+Include="\.\./[^"]*/(?<name>[^"/]+)\.csproj"[^>]*>""")]
    private static partial Regex LibraryReference();

    [GeneratedRegex("""<Project\s+Path="(?<path>[^"]+\.csproj)"[^>]*>""")]
    private static partial Regex ProjectPath();
}
