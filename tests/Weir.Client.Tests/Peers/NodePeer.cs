using System.Diagnostics;

namespace Weir.Client.Tests.Peers;

/// <summary>Where the checkout is that these tests were built from, and how programs of npm are started from it.</summary>
internal static class NodePeer
{
    /// <summary>The folder that holds Weir.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>How node is started, with the packages of eng/peers.sh.</summary>
    public static ProcessStartInfo Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = Environment.GetEnvironmentVariable("WEIR_PEERS_NODE") ?? Path.Combine(Root, "artifacts/peers/node/node_modules");
        return start;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Weir.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Weir.slnx in any folder above {AppContext.BaseDirectory}.");
    }
}
