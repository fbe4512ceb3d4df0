namespace Weir.Log.Tests;

/// <summary>A directory for one test, deleted with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weir-log-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
