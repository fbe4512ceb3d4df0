namespace Weir.Cli.Demo;

/// <summary>Shows a run while it lasts, and what it came to.</summary>
internal interface IDemoView
{
    /// <summary>Shows the figures until the run has ended, whichever way.</summary>
    /// <param name="figures">What to show.</param>
    /// <param name="run">The run. Only waited for; its failure is not thrown here.</param>
    Task ShowAsync(DemoFigures figures, Task run);

    /// <summary>Says what happened, and shows the audit.</summary>
    void Conclude(DemoResult result);
}
