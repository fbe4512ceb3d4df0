using System.Globalization;
using System.Text;

namespace Weir.CrashTests.Resharding;

/// <summary>Puts numbered records under keys of its own, one after another, through every death of a server.</summary>
/// <remarks>Each record is sent once. So what was acknowledged is stored once, and what was not is stored once or not at all.</remarks>
internal sealed class KeyedWriter(ServerLineage servers, string stream, int writer, int seed)
{
    private const int Keys = 8;

    // By key: the numbers that were acknowledged, rising; and those of which nobody knows. Read when the writer has ended.
    private readonly Dictionary<string, List<int>> _acknowledged = [];
    private readonly Dictionary<string, HashSet<int>> _unknown = [];

    /// <summary>How many records were acknowledged. Grows while the writer runs.</summary>
    public int Count { get; private set; }

    /// <summary>Writes until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var api = new LineageApi(servers);
        var random = new Random(HashCode.Combine(seed, writer));
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"w{writer}-k{random.Next(Keys)}");
            try
            {
                await api.TryCallAsync("PutRecord", new { StreamName = stream, PartitionKey = key, Data = Encoding.UTF8.GetBytes(Text(key, number)) });
                Of(_acknowledged, key).Add(number);
                Count++;
            }
            catch (Exception exception) when (LineageApi.Died(exception))
            {
                Of(_unknown, key).Add(number);
            }
        }
    }

    /// <summary>Compares what a reader saw of this writer's keys with what was acknowledged: everything, once, and in order.</summary>
    /// <param name="seen">By key, the numbers in the order in which they were read.</param>
    /// <param name="reader">Who read, for the message.</param>
    public void Verify(IReadOnlyDictionary<string, List<int>> seen, string reader)
    {
        foreach (var (key, acknowledged) in _acknowledged)
        {
            var read = seen.GetValueOrDefault(key, []);
            for (var i = 1; i < read.Count; i++)
                Assert.True(read[i - 1] < read[i], $"{reader}: key {key} was read out of order or twice: {read[i - 1]}, then {read[i]}.");
            var lost = acknowledged.Except(read).ToList();
            Assert.True(lost.Count == 0, $"{reader}: {lost.Count} acknowledged records of key {key} were not read, the first is {lost.FirstOrDefault()}.");
            var strange = read.Except(acknowledged).Where(number => !_unknown.GetValueOrDefault(key, []).Contains(number)).ToList();
            Assert.True(strange.Count == 0, $"{reader}: {strange.Count} records of key {key} were never put.");
        }
    }

    /// <summary>A record's data.</summary>
    private static string Text(string key, int number) => string.Create(CultureInfo.InvariantCulture, $"{key}/{number}");

    private static T Of<T>(Dictionary<string, T> all, string key)
        where T : new()
    {
        if (!all.TryGetValue(key, out var one))
            all[key] = one = new T();
        return one;
    }
}
