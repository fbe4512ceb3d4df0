using System.Globalization;
using System.Text.Json;
using Weir.Cli.Output;

namespace Weir.Cli.Bench;

/// <summary>Shows a steady load: window by window beside the first, and the seconds in which the log did something beside those in which it did not.</summary>
internal sealed class SteadyReport
{
    // A minute, or a sixth of a shorter run: six windows at least, to see where it goes.
    private const int MostWindowSeconds = 60, LeastWindows = 6;

    private readonly LoadPlan _plan;
    private readonly int _share;
    private readonly string _durability;
    private readonly SteadyFigures _figures;
    private readonly List<SteadyWindow> _windows;
    private readonly List<SteadyWindow> _kinds;

    /// <summary>Adds up the seconds.</summary>
    public SteadyReport(LoadPlan plan, int share, string durability, SteadyFigures figures)
    {
        (_plan, _share, _durability, _figures) = (plan, share, durability, figures);
        var seconds = figures.Seconds;
        var size = Math.Clamp(seconds.Count / LeastWindows, 1, MostWindowSeconds);
        _windows = [.. seconds.Chunk(size).Where(chunk => chunk.Length == size).Select((chunk, number) =>
            new SteadyWindow(string.Create(CultureInfo.InvariantCulture, $"{number * size}-{(number + 1) * size} s"), chunk))];
        _kinds =
        [
            new SteadyWindow("nothing of it", [.. seconds.Where(second => second is { SegmentsBegun: 0, SegmentsDeleted: 0, StreamDeleted: false })]),
            new SteadyWindow("a segment rolled", [.. seconds.Where(second => second is { SegmentsBegun: > 0, SegmentsDeleted: 0, StreamDeleted: false })]),
            new SteadyWindow("retention deleted segments", [.. seconds.Where(second => second is { SegmentsDeleted: > 0, StreamDeleted: false })]),
            new SteadyWindow("a stream was deleted", [.. seconds.Where(second => second.StreamDeleted)]),
        ];
    }

    /// <summary>Writes tables and the verdict.</summary>
    public void WriteText(Shell shell)
    {
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"open loop: {Figures.Count(_figures.RecordsPerSecond)} records/s are due, {_share} % of the maximum of {Figures.Rate(_figures.Maximum.RecordRate)}; {_plan.RecordBytes} bytes a record, {_plan.Batch} a request, {_plan.Connections} connections"));
        shell.OutText.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"server: storage disk, durability {_durability}, limits off; retention deleted {_figures.SegmentsTrimmed} segments"));
        shell.OutText.WriteLine();
        Table("Window", _windows).Write(shell);
        shell.OutText.WriteLine();
        Table("Seconds in which", _kinds).Write(shell);
        shell.OutText.WriteLine();
        foreach (var line in Verdict())
            shell.OutText.WriteLine(line);
    }

    /// <summary>The same as one JSON document.</summary>
    public string Json() => JsonOutput.Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("maximumRecordsPerSecond", _figures.Maximum.RecordRate);
        writer.WriteNumber("recordsPerSecond", _figures.RecordsPerSecond);
        writer.WriteNumber("segmentsTrimmed", _figures.SegmentsTrimmed);
        Windows(writer, "windows", _windows);
        Windows(writer, "seconds", _kinds);
        writer.WriteEndObject();
    });

    private static TextTable Table(string first, List<SteadyWindow> windows)
    {
        var table = new TextTable(
            new Column(first), new Column("Seconds", true), new Column("Records/s", true), new Column("p50 ms", true), new Column("p99 ms", true),
            new Column("p99.9 ms", true), new Column("max ms", true), new Column("Failed", true), new Column("Resident", true), new Column("Deleted", true));
        foreach (var window in windows.Where(window => window.Seconds > 0))
        {
            table.Add(
                window.Name, Figures.Count(window.Seconds), Figures.Rate(window.RecordRate), Milliseconds(window.Latency.Percentile(50)),
                Milliseconds(window.Latency.Percentile(99)), Milliseconds(window.Latency.Percentile(99.9)), Milliseconds(window.Latency.Max),
                Figures.Count(window.Failed), SizeText.Of(window.ResidentBytes), Figures.Count(window.SegmentsDeleted));
        }

        return table;
    }

    // Of the worst window, to the first one.
    private IEnumerable<string> Verdict()
    {
        var (first, others) = (_windows[0], _windows.Skip(1).ToList());
        if (others.Count == 0 || first.RecordRate == 0)
            yield break;
        var rate = others.MaxBy(window => Math.Abs(window.RecordRate - first.RecordRate))!.RecordRate / first.RecordRate;
        var resident = (double)others.Max(window => window.ResidentBytes) / Math.Max(1, first.ResidentBytes);
        var p99 = others.Max(window => window.Latency.Percentile(99)) / first.Latency.Percentile(99);
        yield return Line("throughput", rate, Math.Abs(rate - 1) <= 0.05, "within 5 %");
        yield return Line("resident memory", resident, resident <= 1.1, "at most 1.1 times");
        yield return Line("p99", p99, p99 <= 2, "at most twice");

        static string Line(string what, double ratio, bool isGood, string target) => string.Create(
            CultureInfo.InvariantCulture, $"{what}: the window farthest from the first has {ratio:0.00} times as much; the target is {target}: {(isGood ? "met" : "missed")}");
    }

    private static void Windows(Utf8JsonWriter writer, string name, List<SteadyWindow> windows)
    {
        writer.WriteStartArray(name);
        foreach (var window in windows)
        {
            writer.WriteStartObject();
            writer.WriteString("name", window.Name);
            writer.WriteNumber("seconds", window.Seconds);
            writer.WriteNumber("recordsPerSecond", window.RecordRate);
            writer.WriteNumber("p50Milliseconds", window.Latency.Percentile(50).TotalMilliseconds);
            writer.WriteNumber("p99Milliseconds", window.Latency.Percentile(99).TotalMilliseconds);
            writer.WriteNumber("p999Milliseconds", window.Latency.Percentile(99.9).TotalMilliseconds);
            writer.WriteNumber("maxMilliseconds", window.Latency.Max.TotalMilliseconds);
            writer.WriteNumber("failed", window.Failed);
            writer.WriteNumber("residentBytes", window.ResidentBytes);
            writer.WriteNumber("segmentsDeleted", window.SegmentsDeleted);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString(time < TimeSpan.FromMilliseconds(100) ? "0.00" : "0", CultureInfo.InvariantCulture);
}

/// <summary>Some seconds of a steady load, added up.</summary>
internal sealed class SteadyWindow
{
    /// <summary>Adds them up.</summary>
    public SteadyWindow(string name, IReadOnlyCollection<SteadySecond> seconds)
    {
        (Name, Seconds) = (name, seconds.Count);
        foreach (var second in seconds)
            Latency.Add(second.Latency);
        RecordRate = (double)seconds.Sum(second => second.Records) / Math.Max(1, seconds.Count);
        Failed = seconds.Sum(second => second.Failed);
        ResidentBytes = seconds.Select(second => second.ResidentBytes).DefaultIfEmpty().Max();
        SegmentsDeleted = seconds.Sum(second => second.SegmentsDeleted);
    }

    /// <summary>What they have in common.</summary>
    public string Name { get; }

    /// <summary>How many.</summary>
    public int Seconds { get; }

    /// <summary>Latencies of what was due in them.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Stored records per second.</summary>
    public double RecordRate { get; }

    /// <summary>Records refused and requests failed.</summary>
    public long Failed { get; }

    /// <summary>The most that was resident.</summary>
    public long ResidentBytes { get; }

    /// <summary>Segments that retention deleted.</summary>
    public long SegmentsDeleted { get; }
}
