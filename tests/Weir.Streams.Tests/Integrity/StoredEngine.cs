using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Log.Storage;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.Integrity;
using Weir.Streams.Reading;
using Weir.TestKit;

namespace Weir.Streams.Tests.Integrity;

/// <summary>An engine on a real directory with small segments, in virtual time, and what it has acknowledged.</summary>
internal sealed class StoredEngine : IAsyncDisposable
{
    // Rolls every few dozen records.
    private static readonly LogOptions Logs = new() { SegmentBytes = 16 * 1024, TailBytes = 0 };

    private StoredEngine(string path, ManualTimeProvider time, StreamEngine engine) => (Path, Time, Engine) = (path, time, engine);

    public string Path { get; }

    public ManualTimeProvider Time { get; }

    public StreamEngine Engine { get; }

    /// <summary>By record, where the engine said that it is.</summary>
    public ConcurrentDictionary<string, SequenceNumber> Acknowledged { get; } = new();

    public static async Task<StoredEngine> OpenAsync(string path, ManualTimeProvider time)
    {
        Directory.CreateDirectory(path);
        var engine = await StreamEngine.StartAsync(
            StreamCatalog.Open(System.IO.Path.Combine(path, "catalog.db")),
            new SegmentedLogStore(new PhysicalDirectory(System.IO.Path.Combine(path, "logs")), Logs, time, NullLoggerFactory.Instance),
            new StreamsOptions { EnforceRates = false }, time, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return new StoredEngine(path, time, engine);
    }

    public async Task<DataStream> CreateAsync(string name, int shards)
    {
        var stream = new NewStream(EngineFixture.Name(name), shards);
        Assert.Equal(CreateOutcome.Created, await Engine.Lifecycle.CreateAsync(stream, TestContext.Current.CancellationToken));
        return Engine.Streams.Find(stream.Name)!;
    }

    /// <summary>Puts a record whose length follows from its id; false when it was refused.</summary>
    public async Task<bool> PutAsync(DataStream stream, string id)
    {
        using var outcomes = PutOutcomes.Rent(1);
        await Engine.Records.AppendAsync(stream, new TextSource((id, Payload(id))), outcomes);
        if (outcomes.All[0].Status != PutStatus.Accepted)
            return false;
        Assert.True(Acknowledged.TryAdd(id, outcomes.All[0].SequenceNumber));
        return true;
    }

    /// <summary>Every record that can be read, with its number, by shard and in order.</summary>
    public List<(string Id, SequenceNumber Number)> ReadAll(string name)
    {
        var found = new List<(string, SequenceNumber)>();
        var stream = Engine.Streams.Find(EngineFixture.Name(name))!;
        var snapshot = stream.Current;
        foreach (var shard in snapshot.Shards.All)
        {
            SequenceNumber? previous = null;
            using var reader = new ShardReader(snapshot.Log!, Engine.Keys, shard, 0, snapshot.Horizon(Time.GetUtcNow()));
            while (reader.TryRead(out var record))
            {
                var id = Encoding.UTF8.GetString(record.PartitionKey);
                Assert.Equal(Payload(id), Encoding.UTF8.GetString(record.Data));
                Assert.True(previous is null || record.SequenceNumber.CompareTo(previous.Value) > 0, $"{record.SequenceNumber} does not follow {previous}.");
                previous = record.SequenceNumber;
                found.Add((id, record.SequenceNumber));
            }
        }

        return found;
    }

    public Task<DataReport> CheckAsync() => DataCheck.RunAsync(Path, new DataProgress(), TestContext.Current.CancellationToken);

    public Task<BackupReport> BackupAsync(string target) =>
        DataBackup.RunAsync(Path, target, verify: true, new DataProgress(), TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private static string Payload(string id) => $"{id}|{new string((char)('a' + (id.Length % 26)), id.Aggregate(7, (sum, c) => ((sum * 31) + c) & 0x3ff))}";
}
