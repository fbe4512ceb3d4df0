using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Weir.CrashTests.Mixed;

/// <summary>Writers and readers of one life of a server, on every stream, until it dies.</summary>
internal sealed class MixedLoad(Uri endpoint, IReadOnlyList<StreamModel> streams, int seed, int cycle)
{
    private const int KeysOfWriter = 6;

    private readonly TaskCompletionSource _underLoad = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = int.MaxValue;
    private long _acknowledged;

    /// <summary>Records that were acknowledged in this life.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Completes after so many answers to puts.</summary>
    public Task UnderLoad(int answers)
    {
        _left = answers;
        return _underLoad.Task;
    }

    /// <summary>The number that a writer gave a record.</summary>
    public static long NumberOf(string id) => long.Parse(id.AsSpan(id.IndexOf('-', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);

    /// <summary>Puts by PutRecord and PutRecords, in turns as chance has it.</summary>
    /// <param name="writer">Numbers go on from life to life: by writer, cycle and count they rise for ever.</param>
    public async Task WriteAsync(int writer)
    {
        using var api = new Api(endpoint);
        var random = new Random(HashCode.Combine(seed, cycle, writer));
        var next = cycle * 1_000_000L;
        while (true)
        {
            var stream = streams[random.Next(streams.Count)];
            var batch = random.Next(3) == 0 ? 1 : random.Next(2, 25);
            var records = Enumerable.Range(0, batch).Select(_ => (
                Id: string.Create(CultureInfo.InvariantCulture, $"w{writer}-{next++}"),
                Key: string.Create(CultureInfo.InvariantCulture, $"w{writer}k{random.Next(KeysOfWriter)}"))).ToList();
            var begun = stream.BeginPut();
            try
            {
                await PutAsync(api, stream, begun, records);
            }
            catch (Exception exception) when (Died(exception))
            {
                records.ForEach(record => stream.NoteUnknown(record.Id));
                return;
            }
            catch (RefusedException exception) when (IsAbsence(exception))
            {
                // Between a deletion and the next creation. Answered, so not stored.
                continue;
            }

            if (Interlocked.Decrement(ref _left) <= 0)
                _underLoad.TrySetResult();
        }
    }

    /// <summary>Reads shards from their beginning, page by page, so that reads are under way when the server dies; what a page holds must be in order.</summary>
    public async Task ReadAsync()
    {
        using var api = new Api(endpoint);
        var random = new Random(HashCode.Combine(seed, cycle, "reader"));
        while (true)
        {
            var stream = streams[random.Next(streams.Count)];
            try
            {
                var shards = await api.ShardsAsync(stream.Name);
                await ReadAsync(api, stream.Name, shards[random.Next(shards.Count)].GetProperty("ShardId").GetString()!);
            }
            catch (Exception exception) when (Died(exception))
            {
                return;
            }
            catch (RefusedException exception) when (IsAbsence(exception) || exception.Message.Contains("ExpiredIterator", StringComparison.Ordinal))
            {
                // Deleted meanwhile, or the clock was moved over the iterator's five minutes.
                continue;
            }
        }
    }

    /// <summary>Whether an exception says that the server died under the call.</summary>
    public static bool Died(Exception exception) => exception is HttpRequestException or IOException;

    /// <summary>Whether a refusal says that the stream or the shard is not there, or is just going or coming.</summary>
    public static bool IsAbsence(RefusedException exception) =>
        exception.Message.Contains("ResourceNotFoundException", StringComparison.Ordinal) || exception.Message.Contains("ResourceInUseException", StringComparison.Ordinal);

    private static async Task ReadAsync(Api api, string stream, string shard)
    {
        var iterator = (await api.CallAsync("GetShardIterator", new { StreamName = stream, ShardId = shard, ShardIteratorType = "TRIM_HORIZON" })).GetProperty("ShardIterator").GetString();
        string? previous = null;
        for (var pages = 0; iterator is not null && pages < 3; pages++)
        {
            var page = await api.CallAsync("GetRecords", new { ShardIterator = iterator, Limit = 200 });
            foreach (var record in page.GetProperty("Records").EnumerateArray())
            {
                var number = record.GetProperty("SequenceNumber").GetString()!;
                Assert.True(previous is null || string.CompareOrdinal(previous, number) < 0, $"{stream} {shard}: {number} is read behind {previous}.");
                previous = number;
            }

            iterator = page.TryGetProperty("NextShardIterator", out var next) ? next.GetString() : null;
        }
    }

    private async Task PutAsync(Api api, StreamModel stream, PutBegin begun, List<(string Id, string Key)> records)
    {
        if (records.Count == 1)
        {
            var (id, key) = records[0];
            Note(stream, begun, id, await api.CallAsync("PutRecord", new { StreamName = stream.Name, PartitionKey = key, Data = Data(id) }));
            return;
        }

        var answer = await api.CallAsync("PutRecords", new
        {
            StreamName = stream.Name,
            Records = records.Select(record => new { Data = Data(record.Id), PartitionKey = record.Key }),
        });
        foreach (var (record, result) in records.Zip(answer.GetProperty("Records").EnumerateArray()))
            Note(stream, begun, record.Id, result);
    }

    private void Note(StreamModel stream, PutBegin begun, string id, JsonElement result)
    {
        if (!result.TryGetProperty("SequenceNumber", out var number))
        {
            stream.NoteUnknown(id);
            return;
        }

        stream.Acknowledge(begun, id, result.GetProperty("ShardId").GetString()!, number.GetString()!);
        Interlocked.Increment(ref _acknowledged);
    }

    private static byte[] Data(string id) => Encoding.UTF8.GetBytes(Load.Payload(id));
}
