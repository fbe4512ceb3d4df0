using System.Text;

namespace Weir.CrashTests;

/// <summary>Writers that put until the server dies, and note each answer.</summary>
internal sealed class Load(Uri endpoint, string stream, int round, int seed, Acknowledgements acknowledgements)
{
    private int _answered;

    // Set when so many puts have been answered: the server is under load, and may be killed.
    private readonly TaskCompletionSource _underLoad = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes after the first <paramref name="puts"/> answers of this round.</summary>
    public Task UnderLoad(int puts)
    {
        _wanted = puts;
        return _underLoad.Task;
    }

    private int _wanted = int.MaxValue;

    /// <summary>What a record holds: its id and a tail whose length and content follow from the id, so that damage shows.</summary>
    public static string Payload(string id)
    {
        var hash = id.Aggregate(17u, (sum, c) => (sum * 31) + c);
        return $"{id}|{new string((char)('a' + (hash % 26)), (int)(hash % 700))}";
    }

    /// <summary>Puts batches of 1 to 20 records over one connection until it breaks.</summary>
    public async Task WriteAsync(int writer)
    {
        using var api = new Api(endpoint);
        var random = new Random(HashCode.Combine(seed, round, writer));
        for (var batch = 0; ; batch++)
        {
            var ids = Enumerable.Range(0, random.Next(1, 21)).Select(i => $"r{round}-w{writer}-b{batch}-{i}").ToList();
            var records = ids.Select(id => new { Data = Convert.ToBase64String(Encoding.UTF8.GetBytes(Payload(id))), PartitionKey = $"{random.Next(50)}" }).ToList();
            try
            {
                var answer = await api.CallAsync("PutRecords", new { StreamName = stream, Records = records });
                Note(ids, answer.GetProperty("Records").EnumerateArray());
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The server is dead. Whether it took these records, nobody can say.
                ids.ForEach(acknowledgements.AddUnknown);
                return;
            }

            if (Interlocked.Increment(ref _answered) >= Volatile.Read(ref _wanted))
                _underLoad.TrySetResult();
        }
    }

    private void Note(List<string> ids, IEnumerable<System.Text.Json.JsonElement> answers)
    {
        foreach (var (id, answer) in ids.Zip(answers))
        {
            if (answer.TryGetProperty("SequenceNumber", out var number))
                acknowledgements.Add(id, answer.GetProperty("ShardId").GetString()!, number.GetString()!);
            else
                acknowledgements.AddUnknown(id);
        }
    }
}
