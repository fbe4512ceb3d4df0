using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Cli.Demo;

/// <summary>
/// Windows of ten seconds of event time: requests, tokens and the 95th percentile of the prompts' length in each. The order in which
/// rows come makes no difference, so the shards may be read in any.
/// </summary>
/// <remarks>Not thread-safe. Keeps one number a row: the trace is the bound.</remarks>
internal sealed class DemoWindows
{
    /// <summary>Length of a window. The first begins at a multiple of it.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<DateTime, Window> _windows = [];

    /// <summary>Windows that have a row.</summary>
    public int Count => _windows.Count;

    /// <summary>What the windows must be: computed from the trace itself, past every stream.</summary>
    public static DemoWindows Of(IEnumerable<TraceRow> rows)
    {
        var windows = new DemoWindows();
        foreach (var row in rows)
            windows.Add(row);
        return windows;
    }

    /// <summary>Counts a row into its window.</summary>
    public void Add(TraceRow row)
    {
        var start = new DateTime(row.Time.Ticks - (row.Time.Ticks % Length.Ticks), DateTimeKind.Utc);
        if (!_windows.TryGetValue(start, out var window))
            _windows.Add(start, window = new Window());
        window.ContextLengths.Add(row.ContextTokens);
        window.ContextTokens += row.ContextTokens;
        window.GeneratedTokens += row.GeneratedTokens;
    }

    /// <summary>The last windows that end at or before a time, oldest first.</summary>
    public IReadOnlyList<WindowFigures> Last(int count, DateTime completeUpTo)
    {
        var complete = _windows.Where(window => completeUpTo - window.Key >= Length).TakeLast(count);
        return [.. complete.Select(window => window.Value.Figures(window.Key))];
    }

    /// <summary>All windows, oldest first.</summary>
    public IEnumerable<WindowFigures> All() => _windows.Select(window => window.Value.Figures(window.Key));

    /// <summary>SHA-256 over the text of all windows, one a line, as <see cref="WindowFigures.Canonical"/> has it.</summary>
    public string Checksum()
    {
        var text = string.Concat(All().Select(window => window.Canonical() + "\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private sealed class Window
    {
        public List<int> ContextLengths { get; } = [];

        public long ContextTokens { get; set; }

        public long GeneratedTokens { get; set; }

        public WindowFigures Figures(DateTime start)
        {
            var sorted = ContextLengths.ToArray();
            Array.Sort(sorted);
            return new WindowFigures(start, sorted.Length, ContextTokens, GeneratedTokens, NearestRank.Of<int>(sorted, 95));
        }
    }
}

/// <summary>The result of one window.</summary>
/// <param name="Start">Where it begins, in UTC; included. It ends ten seconds later; excluded.</param>
/// <param name="Requests">Rows in it; at least one.</param>
/// <param name="ContextTokens">Length of all prompts together.</param>
/// <param name="GeneratedTokens">Length of all answers together.</param>
/// <param name="ContextP95">95th percentile of the prompts' length, by nearest rank.</param>
internal readonly record struct WindowFigures(DateTime Start, int Requests, long ContextTokens, long GeneratedTokens, int ContextP95)
{
    /// <summary>The one text of this result, which the checksum is made of.</summary>
    public string Canonical() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Start:yyyy-MM-ddTHH:mm:ssZ} requests={Requests} context={ContextTokens} generated={GeneratedTokens} p95={ContextP95}");
}
