using Weir.Conformance.Server;

namespace Weir.Conformance.Lifecycle;

/// <summary>A file system of a known small size, mounted for one test. Mounting needs privileges; without them the test skips.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder;

    // The file under the loop device, if there is one.
    private string? _image;

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

    /// <summary>An ext4 of its own on a loop device: unlike tmpfs it can go read-only under open files, as it does when its disk fails.</summary>
    public static async Task<SmallDisk> MountExt4Async(int mebibytes)
    {
        var image = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"weir-disk-{Guid.NewGuid():N}.img");
        await using (var file = new FileStream(image, FileMode.CreateNew))
            file.SetLength(mebibytes * 1024L * 1024);
        var folder = new TemporaryFolder();
        var disk = new SmallDisk(folder) { _image = image };
        var made = await TryRunAsync("mkfs.ext4", "-q", "-m", "0", image);
        var mounted = made is { ExitCode: 0 } ? await TryRunAsync("mount", "-o", "loop", image, folder.Path) : made;
        if (mounted is { ExitCode: 0 })
            return disk;
        await disk.DisposeAsync();
        Missing.Report($"No ext4 could be mounted on a loop device: {mounted?.Error.Trim() ?? "there is no mkfs.ext4 or mount command"}");
        throw new InvalidOperationException("Not reached: the line above skips or fails the test.");
    }

    /// <summary>What the kernel does to an ext4 whose disk fails: from now on it takes no change, also not through files that are open.</summary>
    public Task FailAsync() => RunAsync("mount", "-o", "remount,abort", Path);

    /// <summary>Read-only by an operator's hand; only while nobody has a file open for writing.</summary>
    public Task MakeReadOnlyAsync() => RunAsync("mount", "-o", "remount,ro", Path);

    /// <summary>Mounts the ext4 again, as after a repair. Nobody may use it.</summary>
    public async Task MountAgainAsync()
    {
        await RunAsync("umount", Path);
        await RunAsync("mount", "-o", "loop", _image!, Path);
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
        if (_image is not null)
            File.Delete(_image);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var outcome = await ChildProcess.RunAsync(program, arguments, Patience);
        Assert.True(outcome.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {outcome}");
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
