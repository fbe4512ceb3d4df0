using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log.Integrity;
using Weir.TestKit;

namespace Weir.Log.Tests.Integrity;

/// <summary>A log with small segments on a simulated disk: several sealed ones and an active one, of a few shards, one of them ended.</summary>
internal sealed class StoredLog
{
    public static readonly LogId Id = new(7);

    private static readonly LogOptions Options = new() { TailBytes = 0, SegmentBytes = 4096 };

    public ManualTimeProvider Time { get; } = new();

    public SimulatedDirectory Root { get; } = new();

    public SimulatedDirectory Files => (SimulatedDirectory)Root.OpenDirectory(Id.ToString());

    /// <summary>Names of the segment files, oldest first.</summary>
    public string[] Names => [.. Files.ListFiles().Order(StringComparer.Ordinal)];

    /// <summary>Everything that was acknowledged, by shard.</summary>
    public Dictionary<int, List<string>> Acknowledged { get; } = [];

    public static async Task<StoredLog> BuildAsync(int commits = 40, bool close = true)
    {
        var stored = new StoredLog();
        await using var store = stored.Open();
        var log = await store.OpenAsync(Id, CancellationToken.None);
        for (var i = 0; i < commits; i++)
        {
            await stored.PutAsync(log, i % 3, $"record {i} " + new string('x', 300));
            if (i == commits / 2)
                await log.CloseShardAsync(2);
            stored.Time.Advance(TimeSpan.FromMilliseconds(7));
        }

        if (close)
            await log.DisposeAsync();
        else
            stored.Root.Kill();
        return stored;
    }

    public SegmentedLogStore Open() => new(Root, Options, Time, NullLoggerFactory.Instance);

    public async Task PutAsync(IRecordLog log, int shard, string text)
    {
        var block = await log.AppendAsync(shard, text);
        if (block.Outcome != AppendOutcome.Appended)
            return;
        if (!Acknowledged.TryGetValue(shard, out var list))
            Acknowledged.Add(shard, list = []);
        list.Add(text);
    }

    public LogFacts Check() => LogCheck.Run(Root, Id, checkedBytes: null, CancellationToken.None);
}
