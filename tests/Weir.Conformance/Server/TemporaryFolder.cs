namespace Weir.Conformance.Server;

/// <summary>A fresh folder that disappears with its owner.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("weir-conformance-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
