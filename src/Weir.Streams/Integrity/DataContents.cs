using System.Globalization;
using Weir.Log;
using Weir.Log.Storage;

namespace Weir.Streams.Integrity;

/// <summary>The parts of a data directory, for reading only.</summary>
internal sealed class DataContents
{
    private DataContents(string path)
    {
        Path = path;
        CatalogFile = DataDirectory.CatalogFileOf(path);
        Logs = Directory.Exists(DataDirectory.LogsOf(path)) ? PhysicalDirectory.Existing(DataDirectory.LogsOf(path)) : null;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    public string CatalogFile { get; }

    /// <summary>Where the logs are; null when no stream was ever created.</summary>
    public ILogDirectory? Logs { get; }

    /// <summary>Opens a directory.</summary>
    /// <exception cref="DirectoryNotFoundException">It is no data directory.</exception>
    public static DataContents Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"There is no directory {path}.");
        var contents = new DataContents(path);
        if (!File.Exists(contents.CatalogFile) && contents.Logs is null)
            throw new DirectoryNotFoundException($"{path} is no data directory of a server: it has neither a catalog.db nor logs.");
        return contents;
    }

    /// <summary>The logs that are there.</summary>
    public HashSet<LogId> LogIds() => Logs is null
        ? []
        : [.. Logs.ListDirectories()
            .Select(name => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && new LogId(id).ToString() == name ? id : -1)
            .Where(id => id >= 0)
            .Select(id => new LogId(id))];

    /// <summary>Bytes of some logs' files. Files that go meanwhile do not count.</summary>
    public long BytesOf(IEnumerable<LogId> logs) => logs.Sum(id =>
    {
        var directory = new DirectoryInfo(System.IO.Path.Combine(DataDirectory.LogsOf(Path), id.ToString()));
        try
        {
            return directory.EnumerateFiles().Sum(file => file.Exists ? file.Length : 0);
        }
        catch (IOException)
        {
            // Being deleted; for a progress bar that is nothing.
            return 0;
        }
    });
}
