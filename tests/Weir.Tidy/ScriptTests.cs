using System.Diagnostics;

namespace Weir.Tidy;

/// <summary>Shell scripts are not compiled; the least that can be asked of them is that they parse.</summary>
public sealed class ScriptTests
{
    [Fact]
    public void Every_shell_script_parses() => Source.AssertNone(Complaints(Tree.Checkout));

    [Theory]
    [InlineData("a.sh", "if true; then echo")]
    [InlineData("tool", "#!/usr/bin/env bash\nfor x in; do\n")]
    [InlineData(".ci/run", "#!/bin/sh\necho \"unfinished\n")]
    public void A_script_that_does_not_parse_is_found(string path, string text) => Assert.Single(Complaints(new Tree((path, text))));

    [Fact]
    public void Scripts_are_found_by_name_and_by_first_line() => Assert.Subset(
        Tree.Checkout.Files.Where(IsShellScript).Select(file => file.Key).ToHashSet(), new HashSet<string> { "weir", "test.sh", ".ci/run", "eng/build.sh" });

    private static IEnumerable<string> Complaints(Tree tree) =>
        from file in tree.Files
        where IsShellScript(file)
        let error = Parse(file.Value)
        where error.Length > 0
        select $"{file.Key}: {error}";

    private static bool IsShellScript(KeyValuePair<string, string> file) =>
        file.Key.EndsWith(".sh", StringComparison.Ordinal)
        || (file.Value.StartsWith("#!", StringComparison.Ordinal) && file.Value.Split('\n')[0] is var first
            && (first.EndsWith("sh", StringComparison.Ordinal) || first.Contains("bash ", StringComparison.Ordinal)));

    private static string Parse(string text)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", "/dev/stdin"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        bash.StandardInput.Write(text);
        bash.StandardInput.Close();
        var error = bash.StandardError.ReadToEnd();
        bash.WaitForExit();
        return bash.ExitCode == 0 ? "" : error.Trim();
    }
}
