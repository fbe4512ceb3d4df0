using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Model;
using Weir.Streams.Catalog;
using Weir.Streams.Reading;
using Weir.TestKit;

namespace Weir.Streams.Tests;

/// <summary>An engine in virtual time, on a catalog file and logs that outlive it: dropping the engine is a crash.</summary>
internal sealed class EngineFixture : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-streams-").FullName;
    private readonly List<StreamEngine> _engines = [];
    private MortalTime? _engineTime;

    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public ManualTimeProvider Time { get; } = new(Begin);

    /// <summary>The logs that every engine of this fixture uses; they survive a crash as a disk does.</summary>
    public FaultyLogStore Logs { get; }

    public StreamEngine Engine { get; private set; } = null!;

    private EngineFixture() => Logs = new FaultyLogStore(new MemoryLogStore(new LogOptions(), Time));

    public static async Task<EngineFixture> StartAsync(StreamsOptions? options = null)
    {
        var fixture = new EngineFixture();
        await fixture.RestartAsync(options);
        return fixture;
    }

    /// <summary>Leaves the present engine as a crash would (nothing is closed or finished) and starts another on what is stored.</summary>
    public async Task RestartAsync(StreamsOptions? options = null)
    {
        _engineTime?.Die();
        _engineTime = new MortalTime(Time);
        Engine = await StreamEngine.StartAsync(
            StreamCatalog.Open(Path.Combine(_directory, "catalog.db")), Logs.Handle(), options ?? new StreamsOptions { EnforceRates = false },
            _engineTime, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        _engines.Add(Engine);
    }

    public static StreamName Name(string name) => new("000000000000", "us-east-1", name);

    public async Task<DataStream> CreateAsync(string name, int shards)
    {
        Assert.Equal(CreateOutcome.Created, await Engine.Lifecycle.CreateAsync(new NewStream(Name(name), shards), TestContext.Current.CancellationToken));
        return Engine.Streams.Find(Name(name))!;
    }

    /// <summary>Puts one record of text and says where it went.</summary>
    public async Task<PutOutcome> PutAsync(DataStream stream, string key, string data)
    {
        using var outcomes = PutOutcomes.Rent(1);
        await Engine.Records.AppendAsync(stream, new TextSource((key, data)), outcomes);
        return outcomes.All[0];
    }

    /// <summary>Every record of a shard from an index on, as (index, key, data).</summary>
    public List<(long Index, string Key, string Data)> Read(DataStream stream, ShardId shard, long from = 0)
    {
        var snapshot = stream.Current;
        var records = new List<(long, string, string)>();
        using var reader = new ShardReader(snapshot.Log!, Engine.Keys, snapshot.Shards.Find(shard)!, from, snapshot.Horizon(Time.GetUtcNow()));
        while (reader.TryRead(out var record))
            records.Add((record.SequenceNumber.Index, Encoding.UTF8.GetString(record.PartitionKey), Encoding.UTF8.GetString(record.Data)));
        return records;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
            await engine.DisposeAsync();
        await Logs.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>Records given as text.</summary>
internal sealed class TextSource(params (string Key, string Data)[] records) : IRecordSource
{
    public int Count => records.Length;

    public HashKey HashKey(int index) => Model.HashKey.Of(records[index].Key);

    public ReadOnlySpan<byte> PartitionKey(int index) => Encoding.UTF8.GetBytes(records[index].Key);

    public ReadOnlySpan<byte> Data(int index) => Encoding.UTF8.GetBytes(records[index].Data);
}
