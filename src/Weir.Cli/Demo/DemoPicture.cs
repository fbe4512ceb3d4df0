using Spectre.Console;
using Spectre.Console.Rendering;
using Weir.Cli.Output;

namespace Weir.Cli.Demo;

/// <summary>Columns and lines of a terminal.</summary>
internal readonly record struct ScreenSize(int Width, int Height);

/// <summary>One picture of the live table: what is shown in how much room. A pure function of the figures.</summary>
internal static class DemoPicture
{
    /// <summary>Windows that the highest screen shows.</summary>
    public const int MaxWindows = 30;

    // From these widths on there is room for more columns.
    private const int MediumWidth = 72, LargeWidth = 100;

    // Frame of a table: its two outer lines, the heading and the line under it.
    private const int TableFrame = 4;

    // Title, progress and the line at the bottom; and one for the cursor below the picture.
    private const int OtherLines = 4;

    /// <summary>Of frames and all that is not a figure.</summary>
    public static readonly Style Quiet = new(Color.Grey);

    private static readonly Style Good = new(Color.Green), Waiting = new(Color.Yellow), Bar = new(Color.Teal),
        Strong = new(decoration: Decoration.Bold), Plain = Style.Plain;

    /// <summary>Draws it.</summary>
    public static IRenderable Of(DemoSnapshot now, DemoRates rates, DemoOptions options, ScreenSize size)
    {
        var parts = new List<IRenderable> { Title(options, size), Progress(now, options, size), ShardTable(now, rates, size) };
        var room = size.Height - OtherLines - (TableFrame + now.Shards.Count) - TableFrame;
        if (room > 0)
            parts.Add(WindowTable(now, room, size));
        parts.Add(Bottom(now, rates, size));
        return new Rows(parts);
    }

    private static Paragraph Title(DemoOptions options, ScreenSize size)
    {
        var title = new Paragraph { Overflow = Overflow.Ellipsis };
        title.Append(" weir demo", Strong);
        title.Append($"  {TraceFile.Name} at {options.Speed}x", Plain);
        if (size.Width >= MediumWidth)
            title.Append("  durability fsync, limits aws", Quiet);
        return title;
    }

    private static Paragraph Progress(DemoSnapshot now, DemoOptions options, ScreenSize size)
    {
        var done = now.Total == 0 ? 0 : (double)now.Processed / now.Total;
        var words = now.Phase switch
        {
            DemoPhase.Starting => " starting",
            DemoPhase.Draining => " reading to the end",
            DemoPhase.Auditing => " auditing",
            _ => size.Width < MediumWidth ? $" {done,4:P0}  {now.Elapsed:m\\:ss}"
                : $" {done,4:P0}  {Figures.Count(now.Processed)} of {Figures.Count(now.Total)}  {now.Elapsed:m\\:ss}",
        };
        // As wide as the longest words, so that the bar does not jump.
        var width = size.Width - (size.Width < MediumWidth ? 14 : 30) - 2;
        var (filled, empty) = Bars.Progress(done, width);
        var line = new Paragraph { Overflow = Overflow.Ellipsis };
        line.Append(" " + filled, now.Phase == DemoPhase.Done ? Good : Bar);
        line.Append(empty, Quiet);
        line.Append(words, Plain);
        return line;
    }

    private static Table ShardTable(DemoSnapshot now, DemoRates rates, ScreenSize size)
    {
        bool medium = size.Width >= MediumWidth, large = size.Width >= LargeWidth;
        List<ScreenColumn> columns =
        [
            new("shard", large ? 20 : 5),
            new("state", large ? 12 : ScreenColumn.Rest),
            ScreenColumn.Figure("in/s", 5),
            ScreenColumn.Figure("out/s", 5),
            ScreenColumn.Figure("lag ms", 6),
        ];
        if (medium)
            columns.AddRange([ScreenColumn.Figure("records", 7), ScreenColumn.Figure("bytes", 8)]);
        if (large)
            columns.Add(new("", ScreenColumn.Rest));
        var table = new ScreenTable(columns, size.Width);
        var most = now.Shards.Select(shard => shard.RecordsIn).DefaultIfEmpty(1).Max();
        foreach (var shard in now.Shards)
            table.Add(ShardRow(shard, rates, most, table.WidthOf(columns.Count - 1), medium, large));
        return table.Table;
    }

    private static List<Text> ShardRow(ShardFigures shard, DemoRates rates, long most, int barWidth, bool medium, bool large)
    {
        var style = shard.State == ShardState.Read ? Quiet : Plain;
        List<Text> cells =
        [
            new(large ? shard.ShardId : shard.Number, style),
            shard.State switch
            {
                ShardState.Open => new("open", Good),
                ShardState.Closed => new("closed", Waiting),
                _ => new(medium ? "closed, read" : "read", Quiet),
            },
            new($"{rates.In(shard.ShardId):0}", style),
            new($"{rates.Out(shard.ShardId):0}", style),
            new(Figures.Count((long)shard.LagMilliseconds), style),
        ];
        if (medium)
            cells.AddRange([new(Figures.Count(shard.RecordsIn), style), new(Figures.Bytes(shard.BytesIn), style)]);
        if (large)
            cells.Add(new(Bars.Of(shard.RecordsIn, most, barWidth), shard.State == ShardState.Open ? Bar : Quiet));
        return cells;
    }

    private static Table WindowTable(DemoSnapshot now, int room, ScreenSize size)
    {
        bool medium = size.Width >= MediumWidth, large = size.Width >= LargeWidth;
        List<ScreenColumn> columns = [new("10 s from", medium ? 9 : ScreenColumn.Rest), ScreenColumn.Figure("requests", 8)];
        if (medium)
            columns.Add(new("", ScreenColumn.Rest));
        if (large)
            columns.AddRange([ScreenColumn.Figure("context tokens", 14), ScreenColumn.Figure("generated tokens", 16)]);
        else
            columns.Add(ScreenColumn.Figure("tokens", 8));
        columns.Add(medium ? ScreenColumn.Figure("p95 context", 11) : ScreenColumn.Figure("p95", 6));
        var table = new ScreenTable(columns, size.Width);
        var shown = now.Windows.TakeLast(room).Reverse().ToList();
        var most = now.Windows.Select(window => window.Requests).DefaultIfEmpty(1).Max();
        foreach (var window in shown)
        {
            List<Text> cells = [new($"{window.Start:HH:mm:ss}"), new(Figures.Count(window.Requests))];
            if (medium)
                cells.Add(new(Bars.Of(window.Requests, most, table.WidthOf(2)), Bar));
            if (large)
                cells.AddRange([new(Figures.Count(window.ContextTokens)), new(Figures.Count(window.GeneratedTokens))]);
            else
                cells.Add(new(Figures.Count(window.ContextTokens + window.GeneratedTokens)));
            cells.Add(new(Figures.Count(window.ContextP95)));
            table.Add(cells);
        }

        // The same height from the first picture on.
        for (var i = shown.Count; i < Math.Min(room, MaxWindows); i++)
            table.Add([.. columns.Select(_ => new Text(""))]);
        return table.Table;
    }

    private static Paragraph Bottom(DemoSnapshot now, DemoRates rates, ScreenSize size)
    {
        var line = new Paragraph { Overflow = Overflow.Ellipsis };
        line.Append($" in {rates.In():0}/s  out {rates.Out():0}/s", Strong);
        line.Append($"  lag p50 {now.EndToEnd.P50:0} p99 {now.EndToEnd.P99:0} ms", Plain);
        if (size.Width >= MediumWidth)
            line.Append($"  put p50 {now.Put.P50:0.0} p99 {now.Put.P99:0.0} ms", Plain);
        if (size.Width >= LargeWidth || now.Refused > 0)
            line.Append($"  {Figures.Count(now.Refused)} refused", now.Refused > 0 ? Waiting : Quiet);
        return line;
    }
}
