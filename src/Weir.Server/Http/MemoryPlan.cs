using System.Globalization;
using Weir.Log;

namespace Weir.Server.Http;

/// <summary>
/// How one limit of memory is divided among all that a server holds (docs/operations/memory.md shows it as a table). The shares are such
/// that the process stays below the limit when every one of them is used up at the same time.
/// </summary>
/// <remarks>
/// <code>
///   limit = code, stacks, tables | store (memory only) | work
///   work  = requests, three times | connections | events | commits | tail | idle buffers | garbage
/// </code>
/// Requests count three times, since a put's bytes are in three buffers while it waits for the disk: as they came, decoded, and as an append.
/// </remarks>
internal sealed record MemoryPlan
{
    private const long MiB = 1024 * 1024, GiB = 1024 * MiB;

    /// <summary>The least limit: below it the largest request would have no room beside what a server needs when nobody asks it anything.</summary>
    public const long MinLimitBytes = 256 * MiB;

    /// <summary>What Kestrel reads ahead of a request that waits: its default, 1 MiB, would be the largest share of all. As much as a head may have.</summary>
    public const int RequestBufferBytes = 32 * 1024;

    /// <summary>
    /// What Kestrel keeps of an answer after the server has done with it, when its client is slow: of more than this it lets the server wait,
    /// which holds on to the request's share of the budget then.
    /// </summary>
    public const int ResponseBufferBytes = 16 * 1024;

    /// <summary>Memory of a connection: what is read ahead or not sent yet, 32 KiB as measured with large requests on all of them, and its objects.</summary>
    public const int ConnectionBytes = 48 * 1024;

    /// <summary>What a client of HTTP/2 may send ahead, over all requests of a connection: a few MB for each millisecond of distance.</summary>
    public const int Http2WindowBytes = 4 * ConnectionBytes;

    // Above this nothing is gained by default: a server that shall have more is told so.
    private const long MaxDefaultBytes = 2 * GiB;

    // What is outside of the heap, measured under load: the runtime and the code, as files and as compiled; stacks; the catalog's cache.
    private const long NativeBytes = 96 * MiB;

    // Small objects: those that requests leave behind until the next collection, and those that stay.
    private const long GarbageBytes = 20 * MiB;

    // Commits under way, and their memory between two of them. What the tail keeps is the same memory.
    private const long CommitBytes = 16 * MiB;

    // Half of it is for answers, and the largest of them is a little below that, a record of 10 MiB in base64; so is the largest body.
    private const long MinRequestBytes = 32 * MiB;

    private MemoryPlan()
    {
    }

    /// <summary>What the process may have resident.</summary>
    public required long LimitBytes { get; init; }

    /// <summary>What of it the heap may have.</summary>
    public required long HeapBytes { get; init; }

    /// <summary>What requests and responses may hold.</summary>
    public required int RequestBytes { get; init; }

    /// <summary>What the budgets of events are made of.</summary>
    public required int EventBytes { get; init; }

    /// <summary>Appends of one log that wait for the disk.</summary>
    public required long QueueBytes { get; init; }

    /// <summary>Appends of all logs that wait for the disk.</summary>
    public required long TotalQueueBytes { get; init; }

    /// <summary>Recent commits.</summary>
    public required long TailBytes { get; init; }

    /// <summary>Buffers, those in use and those that wait for the next use; what requests, events and appends are made of.</summary>
    public required long BufferBytes { get; init; }

    /// <summary>Records, when they are kept in memory.</summary>
    public required long StoreBytes { get; init; }

    /// <summary>Connections of HTTP/1.1.</summary>
    public required int ConnectionPlaces { get; init; }

    /// <summary>Throws when an option is out of its range.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and the range.</exception>
    public static void Validate(WeirServerOptions options)
    {
        if (options.MemoryLimitBytes < MinLimitBytes)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"MemoryLimitBytes is {options.MemoryLimitBytes}; it must be at least {MinLimitBytes} (256 MiB)."));
        }

        if (options.DataDirectory is null && options.MemoryBytes > options.MemoryLimitBytes / 2)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"MemoryBytes is {options.MemoryBytes}; it must be at most half of MemoryLimitBytes, {options.MemoryLimitBytes / 2}."));
        }

        if (options.MaxConnections is < 1 or > 1_000_000)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"MaxConnections is {options.MaxConnections}; it must be between 1 and 1000000."));
    }

    /// <summary>Divides the limit that the options say, or the machine's.</summary>
    public static MemoryPlan Of(WeirServerOptions options) => Of(options, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>Divides the limit.</summary>
    /// <param name="options">Whatever they say wins.</param>
    /// <param name="availableBytes">What the machine or the container has.</param>
    public static MemoryPlan Of(WeirServerOptions options, long availableBytes)
    {
        var inMemory = options.DataDirectory is null;
        var limit = options.MemoryLimitBytes ?? DefaultLimit(availableBytes, inMemory ? options.MemoryBytes ?? 0 : 0);
        var store = options.MemoryBytes ?? (inMemory ? limit / 2 : LogOptions.DefaultMemoryBytes);
        var work = Math.Max(limit - (inMemory ? store : 0), MinLimitBytes);
        var heap = Math.Max(limit - NativeBytes - (limit / 64), MinLimitBytes / 2);
        var connections = work / 16 * 3;
        var requests = options.RequestBytes ?? (int)Math.Clamp(work / 12, MinRequestBytes, int.MaxValue);
        // Whatever has been read finds room: a put that is refused after it was parsed has cost nearly as much as one that is stored. The
        // requests' budget is the bound that a flood meets, before its bodies are read.
        var tail = Math.Min(work / 32, LogOptions.DefaultTailBytes);
        var queue = Math.Clamp(requests, LogOptions.DefaultQueueBytes, LogOptions.MaxQueueBytes);
        return new MemoryPlan
        {
            LimitBytes = limit,
            HeapBytes = heap,
            RequestBytes = requests,
            EventBytes = options.RequestBytes ?? (int)Math.Min((MinLimitBytes / 8) + ((work - MinLimitBytes) / 3), int.MaxValue),
            QueueBytes = queue,
            TotalQueueBytes = Math.Max(queue, Math.Min(work / 8, LogOptions.DefaultTotalQueueBytes)),
            TailBytes = tail,
            BufferBytes = Math.Max(heap - (inMemory ? store : tail + CommitBytes) - connections - GarbageBytes, MinRequestBytes),
            StoreBytes = store,
            ConnectionPlaces = options.MaxConnections ?? (int)Math.Min(connections / ConnectionBytes, 1_000_000),
        };
    }

    private static long DefaultLimit(long availableBytes, long storeBytes) =>
        Math.Max(Math.Clamp(availableBytes / 2, MinLimitBytes, MaxDefaultBytes), storeBytes * 2);
}
