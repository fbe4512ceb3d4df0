using Weir.Cli.Output;
using Weir.Log;

namespace Weir.Cli.Bench;

/// <summary>Refuses a measurement that the disk has no room for, before it fills it.</summary>
internal static class DiskRoom
{
    // Frames and indexes around records of 1 KB take some 5 %; what is left over is for everybody else.
    private const double Overhead = 1.15;

    /// <summary>Checks the file system of the temporary directory, where a server of a bench's own keeps its data.</summary>
    /// <param name="bytes">Data that will be stored.</param>
    /// <param name="logs">Logs that it will be in, each of which has an active segment.</param>
    /// <exception cref="CommandFailure">There is not as much free; says how much is needed.</exception>
    public static void Check(long bytes, int logs)
    {
        var place = Path.GetTempPath();
        if (Refusal(bytes, logs, new DriveInfo(place).AvailableFreeSpace) is { } refusal)
            throw new CommandFailure($"{refusal} in {place}: ask for less, or name a roomier place with TMPDIR.");
    }

    /// <summary>What is missing, or null when the free bytes are enough.</summary>
    internal static string? Refusal(long bytes, int logs, long free)
    {
        var needed = (long)(bytes * Overhead) + (logs * LogOptions.DefaultSegmentBytes);
        return free >= needed ? null : $"This needs {Figures.Bytes(needed)} of disk for {Figures.Bytes(bytes)} of data, and there are {Figures.Bytes(free)}";
    }
}
