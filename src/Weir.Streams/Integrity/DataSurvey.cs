using Weir.Log.Integrity;
using Weir.Streams.Catalog;

namespace Weir.Streams.Integrity;

/// <summary>Tells what a data directory holds, without checking it. A server may be using it.</summary>
public static class DataSurvey
{
    /// <summary>Describes the streams of a directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="stream">The name of the streams to describe, of whatever region and account; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is there. A stream that is deleted meanwhile may be there without its log.</returns>
    /// <exception cref="DirectoryNotFoundException">It is no data directory.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The catalog was written by a newer version.</exception>
    /// <exception cref="System.Data.Common.DbException">The catalog is damaged.</exception>
    public static async Task<StoredData> RunAsync(string directory, string? stream, CancellationToken cancellationToken)
    {
        var contents = DataContents.Open(directory);
        var catalog = await CatalogSnapshot.TakeAsync(contents.CatalogFile, cancellationToken).ConfigureAwait(false);
        await using (catalog.ConfigureAwait(false))
        {
            var logs = contents.LogIds();
            var streams = new List<StoredStream>();
            foreach (var entry in catalog.Streams.Where(entry => stream is null || entry.Stream.Name.Name == stream))
                streams.Add(StoredStream.Of(entry, logs.Contains(entry.Stream.Id) ? Survey(contents, entry, cancellationToken) : null));
            return new StoredData(streams, contents.Logs is { } found ? LogSurvey.DiscardedBytes(found) : 0);
        }
    }

    private static LogFacts? Survey(DataContents contents, CatalogStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return LogSurvey.Run(contents.Logs!, stream.Stream.Id, cancellationToken);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Being deleted.
            return null;
        }
    }
}
