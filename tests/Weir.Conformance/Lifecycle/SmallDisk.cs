using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

/// <summary>A file system of a known small size in memory, mounted for one test. Mounting needs privileges; without them the test skips.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder;

    private SmallDisk(TemporaryFolder folder) => _folder = folder;

    public string Path => _folder.Path;

    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        var folder = new TemporaryFolder();
        var outcome = await TryRunAsync("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "weir-small-disk", folder.Path);
        if (outcome is { ExitCode: 0 })
            return new SmallDisk(folder);
        folder.Dispose();
        Missing.Report($"No small file system could be mounted: {outcome?.Error.Trim() ?? "there is no mount command"}");
        throw new InvalidOperationException("Not reached: the line above skips or fails the test.");
    }

    /// <summary>Occupies space, down to the last block if there is less than asked for.</summary>
    public string PutBallast(int mebibytes)
    {
        var path = System.IO.Path.Combine(Path, "ballast");
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[1024 * 1024];
        for (var i = 0; i < mebibytes; i++)
            file.Write(block);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await TryRunAsync("umount", _folder.Path);
        _folder.Dispose();
    }

    private static async Task<ProgramOutcome?> TryRunAsync(string program, params string[] arguments)
    {
        try
        {
            return await ChildProcess.RunAsync(program, arguments, Patience);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
