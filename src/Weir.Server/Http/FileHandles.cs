using System.Globalization;

namespace Weir.Server.Http;

/// <summary>File handles of the process: connections, segments and the runtime share them.</summary>
internal static class FileHandles
{
    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";

    // What the runtime and the server have open without a stream and a client, some 180, and some to spare.
    private const int OwnHandles = 256;
    private const int LeastConnections = 16;

    /// <summary>
    /// Connections that the limit of this moment lets clients have: three quarters of it, but not what the process itself needs. The rest is
    /// for segments and for the runtime, which ends the process when it cannot open a file.
    /// </summary>
    /// <value><see cref="int.MaxValue"/> where the system sets no limit, or has no such file.</value>
    public static int ForConnections => File.Exists(LimitsFile) ? ForConnectionsOf(File.ReadLines(LimitsFile)) : int.MaxValue;

    /// <summary>The same, of the lines of such a file: name, soft limit, hard limit, unit.</summary>
    public static int ForConnectionsOf(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(line => line.StartsWith(LimitName, StringComparison.Ordinal));
        var soft = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? (int)Math.Clamp(Math.Min(limit / 4 * 3, limit - OwnHandles), LeastConnections, int.MaxValue) : int.MaxValue;
    }
}
