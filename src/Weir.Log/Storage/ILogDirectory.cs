namespace Weir.Log.Storage;

/// <summary>A directory as the log sees it: everything the log asks of a file system, and nothing else.</summary>
/// <remarks>
/// Thread-safe. Implementations throw <see cref="StorageFullException"/> when there is no room or no file handle, <see cref="FileNotFoundException"/>
/// for a file that does not exist, and another <see cref="IOException"/> for every other failure.
/// </remarks>
public interface ILogDirectory
{
    /// <summary>Name for messages.</summary>
    string Path { get; }

    /// <summary>Names of the directories in this one, in no order.</summary>
    IReadOnlyList<string> ListDirectories();

    /// <summary>Names of the files in this directory, in no order.</summary>
    IReadOnlyList<string> ListFiles();

    /// <summary>Opens a directory in this one, creating it durably when it does not exist.</summary>
    ILogDirectory OpenDirectory(string name);

    /// <summary>Opens a directory in this one that exists, for whoever looks on and must not create anything.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    ILogDirectory OpenExistingDirectory(string name);

    /// <summary>Deletes a directory with its files, durably. Nothing happens when it does not exist.</summary>
    void DeleteDirectory(string name);

    /// <summary>Creates a file for reading and writing. The name is durable only after <see cref="Sync"/>.</summary>
    /// <exception cref="IOException">A file of that name exists.</exception>
    ILogFile Create(string name);

    /// <summary>Opens an existing file for reading and writing.</summary>
    ILogFile Open(string name);

    /// <summary>Opens an existing file for reading only: whoever inspects or copies a log cannot change it.</summary>
    /// <param name="name">The file.</param>
    /// <param name="fromDisk">
    /// True for checks: pages that the operating system holds of the file are let go first and afterwards, where it can be asked to, so that
    /// the disk is read and memory is not filled. False when others may want the same bytes soon.
    /// </param>
    ILogFile OpenRead(string name, bool fromDisk);

    /// <summary>Deletes a file; durable only after <see cref="Sync"/>. Files that are open stay readable.</summary>
    void Delete(string name);

    /// <summary>
    /// Gives a file another name in another directory; durable only after <see cref="Sync"/> of this one. A crash before that leaves it under one
    /// of the two names. Whoever has it open does not notice.
    /// </summary>
    /// <param name="name">The file.</param>
    /// <param name="to">A directory of the same kind, on the same file system.</param>
    /// <param name="newName">Its name there; no file has it.</param>
    /// <exception cref="StorageFullException">There is no room for the name.</exception>
    void Move(string name, ILogDirectory to, string newName);

    /// <summary>As <see cref="Move"/>, of a directory in this one with everything in it. Nothing happens when it does not exist.</summary>
    void MoveDirectory(string name, ILogDirectory to, string newName);

    /// <summary>Length of a file in bytes, without opening it.</summary>
    long LengthOf(string name);

    /// <summary>Makes creations, deletions and moves out of this directory durable.</summary>
    /// <exception cref="DirectoryNotFoundException">The directory is gone.</exception>
    void Sync();
}

/// <summary>An open file: positional reads and writes. Disposing it makes nothing durable.</summary>
/// <remarks>Reads are thread-safe, also beside a write elsewhere in the file. The other calls come from one thread at a time.</remarks>
public interface ILogFile : IDisposable
{
    /// <summary>Present length in bytes, allocated room included.</summary>
    long Length { get; }

    /// <summary>Reads up to the buffer's length.</summary>
    /// <returns>The number of bytes read; less than asked for only at the end of the file.</returns>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Reads what is there without waiting for the disk: a beginning of what was asked for, or nothing. Who wants the rest asks <see cref="Read"/> for it.</summary>
    /// <remarks>Where nobody can tell what waits, and by itself, it is <see cref="Read"/>.</remarks>
    /// <returns>The number of bytes read, from 0.</returns>
    int ReadCached(Span<byte> buffer, long offset) => Read(buffer, offset);

    /// <summary>Says that this part will be read soon: a hint, which starts reading it from the disk where the system can. Does nothing by itself.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">Its length, from 1.</param>
    void WillRead(long offset, long length)
    {
    }

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="StorageFullException">No room; any part of the range may have been written.</exception>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>
    /// Writes whole blocks, past the system's cache where it can: for bytes that are made durable at once, and that nobody reads from the
    /// file soon. No more durable than <see cref="Write"/> without a sync.
    /// </summary>
    /// <param name="blocks">A multiple of <see cref="LogBlock.Bytes"/>, at an address that is one; where not, it is written as by <see cref="Write"/>.</param>
    /// <param name="offset">A multiple of <see cref="LogBlock.Bytes"/>.</param>
    /// <exception cref="StorageFullException">No room; any part of the range may have been written.</exception>
    void WriteBlocks(ReadOnlySpan<byte> blocks, long offset);

    /// <summary>Makes the file at least this long, with real room behind it, reading as zeros.</summary>
    /// <exception cref="StorageFullException">No room; nothing below the former length has changed.</exception>
    void Allocate(long length);

    /// <summary>Cuts the file to this length.</summary>
    void Truncate(long length);

    /// <summary>Makes the written bytes durable, with what is needed to read them back. A failure says that any of them may be gone.</summary>
    void SyncData();

    /// <summary>As <see cref="SyncData"/>, and all metadata of the file with it.</summary>
    void SyncAll();
}
