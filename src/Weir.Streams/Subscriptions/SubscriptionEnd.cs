namespace Weir.Streams.Subscriptions;

/// <summary>Why a subscription is over. The first reason stays.</summary>
public enum SubscriptionEnd
{
    /// <summary>It is not: it lives.</summary>
    None,

    /// <summary>Its five minutes have passed.</summary>
    Expired,

    /// <summary>Everything up to the end of a closed shard has been given.</summary>
    ShardEnd,

    /// <summary>A later call of the same consumer for the same shard has taken over.</summary>
    TakenOver,

    /// <summary>The consumer was deregistered.</summary>
    ConsumerGone,

    /// <summary>The stream is being deleted.</summary>
    StreamGone,

    /// <summary>The shard has passed its retention.</summary>
    ShardGone,

    /// <summary>The stream's log has failed: no record can follow those that were given.</summary>
    LogFailed,

    /// <summary>The next record is encrypted with a key that cannot be used.</summary>
    KeyRefused,

    /// <summary>The server stops.</summary>
    Stopped,

    /// <summary>The client has gone.</summary>
    ClientGone,

    /// <summary>Broken off on purpose: a fault that a test asked for.</summary>
    Dropped,
}
