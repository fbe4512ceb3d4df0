using System.Text.RegularExpressions;

namespace Weir.Tidy;

/// <summary>
/// Time is an argument. What ships asks an injected TimeProvider, and tests wait for a state: no wall clock in src/, no
/// sleeping in tests/. The system's clock is named where the program is put together, and as the default of an option.
/// </summary>
public sealed partial class TimeTests
{
    [Fact]
    public void Nothing_that_ships_reads_the_wall_clock() => Source.AssertNone(ClockComplaints(Tree.Checkout));

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("var now = DateTimeOffset.Now;")]
    [InlineData("var today = DateTime.Today;")]
    [InlineData("var start = Stopwatch.GetTimestamp();")]
    [InlineData("var watch = Stopwatch.StartNew();")]
    [InlineData("var watch = new Stopwatch();")]
    [InlineData("var ticks = Environment.TickCount64;")]
    [InlineData("Use(TimeProvider.System);")]
    [InlineData("await Task.Delay(100); Use(TimeProvider.System.GetUtcNow());")]
    public void A_read_of_the_wall_clock_is_found(string line) =>
        Assert.NotEmpty(ClockComplaints(new Tree(("src/Weir.Log/Bad.cs", line))));

    [Theory]
    [InlineData("src/Weir.Log/Good.cs", "_time = time ?? TimeProvider.System;")]
    [InlineData("src/Weir.Log/Good.cs", "public TimeProvider Time { get; init; } = TimeProvider.System;")]
    [InlineData("src/Weir.Log/Good.cs", "services.TryAddSingleton(TimeProvider.System);")]
    [InlineData("src/Weir.Log/Good.cs", "// never DateTime.UtcNow, always the provider")]
    [InlineData("src/Weir.Cli/Program.cs", "var server = new Server(TimeProvider.System);")]
    public void A_default_and_the_composition_are_not(string path, string line) => Assert.Empty(ClockComplaints(new Tree((path, line))));

    [Fact]
    public void No_test_sleeps() => Source.AssertNone(SleepComplaints(Tree.Checkout));

    [Theory]
    [InlineData("await Task.Delay(100);")]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), token);")]
    [InlineData("Thread.Sleep(5);")]
    public void A_sleep_is_found(string line) => Assert.NotEmpty(SleepComplaints(new Tree(("tests/Weir.Log.Tests/Bad.cs", line))));

    [Theory]
    [InlineData("await Task.Delay(Interval, _time);")]
    [InlineData("await Task.Delay(Interval, timeProvider, token);")]
    [InlineData("await Task.Delay(Timeout.InfiniteTimeSpan, token);")]
    public void A_wait_in_virtual_time_or_without_end_is_not(string line) =>
        Assert.Empty(SleepComplaints(new Tree(("tests/Weir.Log.Tests/Good.cs", line))));

    private static IEnumerable<string> ClockComplaints(Tree tree)
    {
        foreach (var file in tree.SourcesBelow("src/"))
        {
            foreach (var complaint in Source.Find(file, WallClock(), "take the time from an injected TimeProvider"))
                yield return complaint;
            if (IsComposition(file.Path))
                continue;
            foreach (var complaint in Source.Find(file, SystemProvider(), "the system's clock is only a default or a part of the composition"))
                yield return complaint;
        }
    }

    private static bool IsComposition(string path) =>
        path.StartsWith("src/Weir.Cli/", StringComparison.Ordinal) || path is "src/Weir.Server/Program.cs";

    private static IEnumerable<string> SleepComplaints(Tree tree) =>
        from file in tree.SourcesBelow("tests/")
        // The samples above are this project's own text.
        where !file.Path.StartsWith("tests/Weir.Tidy/", StringComparison.Ordinal)
        from complaint in Source.Find(file, Sleep(), "wait for a state, or in virtual time")
        select complaint;

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b|\bStopwatch\.(GetTimestamp|StartNew)\b|\bnew Stopwatch\b|\bEnvironment\.TickCount")]
    private static partial Regex WallClock();

    [GeneratedRegex(@"(?<!\?\? |\?\?= |[^=!<>]= |AddSingleton\(|AddSingleton<TimeProvider>\()\bTimeProvider\.System\b|\bTimeProvider\.System\.")]
    private static partial Regex SystemProvider();

    [GeneratedRegex(@"\bThread\.Sleep\(|\bTask\.Delay\((?!Timeout\.Infinite)(?![^;]*\b_?(time|clock)(Provider)?\b)", RegexOptions.IgnoreCase)]
    private static partial Regex Sleep();
}
