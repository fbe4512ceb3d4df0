namespace Weir.Log.Storage;

/// <summary>The unit in which <see cref="ILogFile.WriteBlocks"/> writes.</summary>
public static class LogBlock
{
    /// <summary>4 KiB: the block of the usual file systems, and the physical sector of the usual disks. Places, lengths and addresses are multiples of it.</summary>
    public const int Bytes = 4096;

    /// <summary>The start of the block that holds this place.</summary>
    public static long Floor(long offset) => offset & -Bytes;

    /// <inheritdoc cref="Floor(long)"/>
    public static int Floor(int offset) => offset & -Bytes;

    /// <summary>The end of the blocks that hold everything before this place.</summary>
    public static long Ceiling(long offset) => Floor(offset + Bytes - 1);

    /// <inheritdoc cref="Ceiling(long)"/>
    public static int Ceiling(int offset) => Floor(checked(offset + Bytes - 1));
}
