using Microsoft.Win32.SafeHandles;

namespace Weir.Cli.Bench;

/// <summary>What one fsync takes here and now: the part of a delay that no server can take away.</summary>
internal static class FsyncTime
{
    private const int Samples = 200;
    private const int WriteBytes = 4096;

    /// <summary>Writes a page and syncs it, again and again, in a file of the temporary directory that goes away.</summary>
    /// <returns>The times of the syncs with their writes.</returns>
    public static LatencyHistogram Measure(TimeProvider time)
    {
        var times = new LatencyHistogram();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using SafeFileHandle file = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose, preallocationSize: Samples * WriteBytes);
        var page = new byte[WriteBytes];
        for (var i = 0; i < Samples; i++)
        {
            var began = time.GetTimestamp();
            RandomAccess.Write(file, page, (long)i * WriteBytes);
            RandomAccess.FlushToDisk(file);
            times.Add(time.GetElapsedTime(began));
        }

        return times;
    }
}
