using Spectre.Console;
using Spectre.Console.Rendering;

namespace Weir.Cli.Demo;

/// <summary>The live table on a terminal: progress, shards, the last windows. Fits what room there is.</summary>
internal sealed class DemoScreen(IAnsiConsole console, DemoOptions options, TimeProvider time) : IDemoView
{
    // Four pictures a second look alive, and cost next to nothing.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly DemoRates _rates = new(time);

    /// <inheritdoc />
    public Task ShowAsync(DemoFigures figures, Task run) =>
        console.Live(new Text("")).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (true)
            {
                var ended = run.IsCompleted;
                live.UpdateTarget(Next(figures));
                if (ended)
                    return;
                await Task.WhenAny(run, Task.Delay(Interval, time)).ConfigureAwait(false);
            }
        });

    /// <inheritdoc />
    public void Conclude(DemoResult result)
    {
        console.WriteLine();
        console.Write(new Text(DemoStory.Paragraph(result)));
        console.WriteLine();
        console.WriteLine();
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = DemoPicture.Quiet };
        table.AddColumns("audit", "", "");
        foreach (var line in result.Audit)
        {
            table.AddRow(
                line.Passed ? new Text("PASS", new Style(Color.Green)) : new Text("FAIL", new Style(Color.Red, decoration: Decoration.Bold)),
                new Text(line.Name),
                new Text(line.Detail));
        }

        console.Write(table);
        console.Write(new Text(DemoStory.Verdict(result), new Style(result.Passed ? Color.Green : Color.Red, decoration: Decoration.Bold)));
        console.WriteLine();
        if (DemoStory.Kept(result) is { } kept)
            console.WriteLine(kept);
    }

    private IRenderable Next(DemoFigures figures)
    {
        var size = new ScreenSize(console.Profile.Width, console.Profile.Height);
        var snapshot = figures.Snapshot(DemoPicture.MaxWindows);
        _rates.Add(snapshot);
        return DemoPicture.Of(snapshot, _rates, options, size);
    }
}
