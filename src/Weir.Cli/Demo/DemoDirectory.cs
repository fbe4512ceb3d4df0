namespace Weir.Cli.Demo;

/// <summary>The demonstration's data directory: a new one among the system's temporary files, removed at the end.</summary>
internal sealed class DemoDirectory(bool keep) : IDisposable
{
    /// <summary>Absolute path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("weir-demo-").FullName;

    /// <inheritdoc />
    public void Dispose()
    {
        if (keep)
            return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The result of the run must not be lost over a file that somebody holds open; the system clears its temporary files itself.
        }
    }
}
