using Weir.Producer;

namespace Weir.Cli.Put;

/// <summary>What is to be put, and how.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Format">How a line becomes a record.</param>
/// <param name="Aggregate">Whether lines share records of the stream.</param>
/// <param name="Unordered">Whether records of a key may change places.</param>
internal sealed record PutPlan(string Stream, LineFormat Format, bool Aggregate, bool Unordered)
{
    // Each has up to 5 MiB. More of them are no faster on one stream of input.
    private const int MaxRequests = 4;

    // Larger than the default: in order a shard has one aggregate on its way, and takes no more than this in the time of a request.
    private const int MaxAggregateBytes = 256 * 1024;

    // How long a record waits for company when the input is slow. It also bounds what may be put with few keys and in order, for a request that one
    // shard cannot fill waits for it: what may be under way, some 8,000 records, in this time.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(20);

    // What is under way can be more than a slow shard takes in any number of seconds: a record is given up when nothing gets through any more,
    // and not for its age.
    private static readonly TimeSpan Unlimited = TimeSpan.FromDays(1);

    /// <summary>What the producer is told.</summary>
    /// <param name="rateLimitPercent">Its pace.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of its chance.</param>
    public ProducerOptions OptionsOf(int rateLimitPercent, TimeProvider time, int seed) => new()
    {
        StreamName = Stream,
        Aggregate = Aggregate,
        KeepOrder = !Unordered,
        MaxBufferedTime = Linger,
        MaxAggregateBytes = MaxAggregateBytes,
        TimeToLive = Unlimited,
        RateLimitPercent = rateLimitPercent,
        MaxRequestsInFlight = MaxRequests,
        // Nobody would hear of them.
        HotKeyPercent = 0,
        // It is closed when everything has its outcome, or to give up the rest.
        DrainTime = TimeSpan.Zero,
        TimeProvider = time,
        Random = new Random(seed),
    };
}
