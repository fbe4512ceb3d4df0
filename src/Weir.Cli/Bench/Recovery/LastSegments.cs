using Weir.Log.Storage;

namespace Weir.Cli.Bench.Recovery;

/// <summary>The last segment of each log of a data directory: what a start has to read whole.</summary>
/// <param name="Segments">How many.</param>
/// <param name="Bytes">Bytes of frames in them, without the room behind.</param>
/// <param name="Reading">How long one thread takes to read these bytes, one file after the other.</param>
internal sealed record LastSegments(int Segments, long Bytes, TimeSpan Reading)
{
    private const string Pattern = "*.segment";
    private const int BufferBytes = 1024 * 1024;

    /// <summary>Reads them. The server that owns the directory must not run.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="time">The clock.</param>
    /// <remarks>
    /// Twice: first to find where the frames end and to have the page cache as the server will find it, then for the time. Room that was
    /// reserved and never written reads as zeros, and no frame ends with as many zeros as would matter here.
    /// </remarks>
    public static LastSegments Read(DirectoryInfo data, TimeProvider time)
    {
        var files = Find(data);
        var buffer = new byte[BufferBytes];
        var used = files.Select(file => (File: file, Bytes: UsedBytes(file, buffer))).ToList();
        var began = time.GetTimestamp();
        foreach (var (file, bytes) in used)
            ReadThrough(file, bytes, buffer);
        return new LastSegments(files.Count, used.Sum(file => file.Bytes), time.GetElapsedTime(began));
    }

    private static List<string> Find(DirectoryInfo data) =>
    [
        .. from file in data.EnumerateFiles(Pattern, SearchOption.AllDirectories)
           group file by file.DirectoryName into log
           // Names are base offsets of one width: they sort as the log does.
           select log.MaxBy(file => file.Name, StringComparer.Ordinal)!.FullName,
    ];

    private static long UsedBytes(string path, byte[] buffer)
    {
        var (used, at) = (0L, 0L);
        using var file = Open(path);
        while (file.Read(buffer, at) is > 0 and var read)
        {
            var last = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            used = last < 0 ? used : at + last + 1;
            at += read;
        }

        return used;
    }

    private static void ReadThrough(string path, long bytes, byte[] buffer)
    {
        using var file = Open(path);
        for (var at = 0L; at < bytes;)
        {
            var read = file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, bytes - at)), at);
            if (read == 0)
                throw new CommandFailure($"{path} became shorter while it was read: does a server run on it?");
            at += read;
        }
    }

    private static ILogFile Open(string path) => new PhysicalDirectory(Path.GetDirectoryName(path)!).Open(Path.GetFileName(path));
}
