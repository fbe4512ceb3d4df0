namespace Weir.Conformance.Server;

/// <summary>Where things are in the checkout these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Weir.slnx, found by walking up from the test program.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The command under test, as <c>./weir</c> would run it.</summary>
    public static string WeirProgram { get; } = Path.Combine(Root, "artifacts/bin/Weir.Cli/release/weir");

    /// <summary>A program of the folder samples, as <c>dotnet run --project samples/NAME</c> would run it.</summary>
    public static string Sample(string name) => Path.Combine(Root, "artifacts/bin", name, "release", name);

    /// <summary>A script of the folder <c>Peers</c> beside the tests' sources.</summary>
    public static string PeerScript(string name) => Path.Combine(Root, "tests/Weir.Conformance/Peers", name);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Weir.slnx")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No Weir.slnx in any folder above {AppContext.BaseDirectory}.");
    }
}
