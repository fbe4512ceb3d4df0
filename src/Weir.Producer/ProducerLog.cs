using Microsoft.Extensions.Logging;

namespace Weir.Producer;

/// <summary>What a producer tells operators. Never records or their keys.</summary>
internal sealed partial class ProducerLog(ILogger logger, string stream)
{
    /// <summary>The shards are known, for the first time or anew.</summary>
    public void ShardsKnown(int count) => Log.ShardsKnown(logger, stream, count);

    /// <summary>The shards could not be read.</summary>
    public void ShardsUnknown(string reason, bool withoutShards) => Log.ShardsUnknown(
        logger, stream, reason, withoutShards ? "records go by themselves, unaggregated" : "it is tried again");

    /// <summary>A request failed as a whole.</summary>
    public void RequestFailed(int records, string code, string message, bool again) =>
        Log.RequestFailed(logger, stream, records, code, message, again ? "it is sent again" : "its records have failed");

    /// <summary>Records were not stored in time.</summary>
    public void Expired(int records, TimeSpan timeToLive) => Log.Expired(logger, stream, records, timeToLive);

    /// <summary>The program's callback has thrown.</summary>
    public void CallbackFailed(Exception exception) => Log.CallbackFailed(logger, exception, stream);

    /// <summary>A key takes much of its shard. Which one, the program may ask.</summary>
    public void HotKey(string shardId, double share) => Log.HotKey(logger, stream, share, shardId);

    /// <summary>The loop has ended with an exception: a fault of the producer.</summary>
    public void LoopFailed(Exception exception) => Log.LoopFailed(logger, exception, stream);

    private static partial class Log
    {
        [LoggerMessage(7001, LogLevel.Information, "Stream {Stream} has {Shards} open shards")]
        public static partial void ShardsKnown(ILogger logger, string stream, int shards);

        [LoggerMessage(7002, LogLevel.Warning, "The shards of stream {Stream} could not be read: {Reason} So {Consequence}.")]
        public static partial void ShardsUnknown(ILogger logger, string stream, string reason, string consequence);

        [LoggerMessage(7003, LogLevel.Warning, "A request with {Records} records for stream {Stream} failed with {Code}: {Reason} So {Consequence}.")]
        public static partial void RequestFailed(ILogger logger, string stream, int records, string code, string reason, string consequence);

        [LoggerMessage(7004, LogLevel.Warning, "{Records} records for stream {Stream} were not stored within {TimeToLive} and have failed")]
        public static partial void Expired(ILogger logger, string stream, int records, TimeSpan timeToLive);

        [LoggerMessage(7005, LogLevel.Error, "A callback of the producer for stream {Stream} has thrown")]
        public static partial void CallbackFailed(ILogger logger, Exception exception, string stream);

        [LoggerMessage(7007, LogLevel.Warning, "A partition key of stream {Stream} takes {Share:P0} of the rate of {ShardId}")]
        public static partial void HotKey(ILogger logger, string stream, double share, string shardId);

        [LoggerMessage(7006, LogLevel.Critical, "The producer for stream {Stream} has failed and takes no more records")]
        public static partial void LoopFailed(ILogger logger, Exception exception, string stream);
    }
}
