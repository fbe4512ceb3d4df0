using System.Diagnostics;
using System.Text;

namespace Weir.Tidy;

/// <summary>The checkout's own files as text: what is committed or would be. A check is a function of this, so that a test can hand it a bad tree.</summary>
internal sealed class Tree
{
    private static readonly string[] NeverOurs = ["artifacts", "bin", "obj", ".git", ".vs", ".idea", "node_modules", "__pycache__", "weir-data", "TestResults"];

    private readonly HashSet<string> _folders;

    /// <summary>A tree of made-up files, given as path and text.</summary>
    public Tree(params (string Path, string Text)[] files)
    {
        Files = files.OrderBy(file => file.Path, StringComparer.Ordinal).ToDictionary(file => file.Path, file => file.Text, StringComparer.Ordinal);
        _folders = Files.Keys.SelectMany(FoldersOf).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Path relative to the root with forward slashes, and content. Binary files have empty content.</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>This checkout, read once.</summary>
    public static Tree Checkout { get; } = ReadCheckout();

    /// <summary>The folder of Weir.slnx, found by walking up from the test program.</summary>
    public static string Root { get; } = FindRoot();

    public bool Exists(string path) => Files.ContainsKey(path) || _folders.Contains(path.TrimEnd('/'));

    /// <summary>Files below a folder with an ending.</summary>
    public IEnumerable<(string Path, string Text)> Below(string folder, string ending) =>
        Files.Where(file => file.Key.StartsWith(folder, StringComparison.Ordinal) && file.Key.EndsWith(ending, StringComparison.Ordinal))
            .Select(file => (file.Key, file.Value));

    /// <summary>Hand-written C# below a folder.</summary>
    public IEnumerable<(string Path, string Text)> SourcesBelow(string folder) =>
        Below(folder, ".cs").Where(file => !file.Path.EndsWith(".g.cs", StringComparison.Ordinal));

    private static IEnumerable<string> FoldersOf(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
            yield return path[..slash];
    }

    private static Tree ReadCheckout()
    {
        var paths = ListByGit() ?? ListByWalking(new DirectoryInfo(FindRoot()));
        return new Tree([.. paths.Where(path => File.Exists(Path.Combine(FindRoot(), path))).Select(path => (path, Read(path)))]);
    }

    private static string Read(string path)
    {
        var bytes = File.ReadAllBytes(Path.Combine(FindRoot(), path));
        return bytes.AsSpan().Contains((byte)0) ? "" : Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Tracked files and new ones that no .gitignore hides; null without git or outside a repository.</summary>
    private static string[]? ListByGit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            {
                WorkingDirectory = FindRoot(),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No git on this machine: the folder itself is the next best list.
            return null;
        }
    }

    private static IEnumerable<string> ListByWalking(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles())
            yield return Path.GetRelativePath(FindRoot(), file.FullName).Replace('\\', '/');
        foreach (var inner in folder.EnumerateDirectories().Where(inner => !NeverOurs.Contains(inner.Name)))
            foreach (var path in ListByWalking(inner))
                yield return path;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Weir.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No Weir.slnx in any folder above {AppContext.BaseDirectory}.");
    }
}
